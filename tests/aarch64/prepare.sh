#!/bin/sh
# Put a Python for aarch64, with what cnntrain needs, into the directory $1: Debian's packages
# unpacked beside those of this machine, and wheels.  For `make test-aarch64`; needs Debian and root.
set -eu
[ -e "$1/ready" ] && exit
mkdir -p "$1/packages" "$1/wheels" "$1/root" "$1/site"
cd "$1"

dpkg --add-architecture arm64
apt-get update -qq
apt-get install -y -qq qemu-user gcc-aarch64-linux-gnu

(cd packages && apt-get download -qq python3.11-minimal:arm64 libpython3.11-minimal:arm64 \
  libpython3.11-stdlib:arm64 libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64 zlib1g:arm64 \
  libexpat1:arm64 libssl3:arm64 libffi8:arm64 libbz2-1.0:arm64 liblzma5:arm64)
for package in packages/*.deb; do dpkg-deb -x "$package" root; done

"$2" -m pip download --quiet --only-binary :all: --python-version 3.11 --dest wheels \
  --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 \
  numpy pyyaml click tqdm pydantic safetensors filelock threadpoolctl
for wheel in wheels/*.whl; do "$2" -m zipfile -e "$wheel" site; done
touch ready
