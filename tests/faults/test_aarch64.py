"""A whole run on aarch64, emulated, has the bytes that it has here.

The emulated system, a Python of the distribution and wheels of the package index, lies in a
temporary folder: nothing else on this machine is changed."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnntrain.nn.engines.compiled.build import BUILT, build
from cnntrain.nn.engines.compiled.library import load

from ..run_files import digests
from .conftest import ROOT, Lab
from .test_same_bytes import COMPILED, copy, fitted

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(isinstance(load(), str), reason="the engine was not compiled"),
]

NEEDED = [
    "numpy",
    "pyyaml",
    "click",
    "tqdm",
    "pydantic",
    "safetensors",
    "filelock",
    "threadpoolctl",
]


@dataclass(frozen=True)
class Emulated:
    """Python on aarch64; `root` holds its system, `site` the packages."""

    root: Path
    site: Path

    def run(self, folder, *arguments, package):
        environment = {"QEMU_LD_PREFIX": str(self.root), "PYTHONPATH": f"{package}:{self.site}"}
        python = self.root / "usr/bin" / (self.root / "usr/bin/python3").readlink()
        done = subprocess.run(
            ["qemu-aarch64", str(python), *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def quietly(*command, **settings):
    done = subprocess.run(command, capture_output=True, text=True, **settings)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def emulated(tmp_path_factory):
    """Python and what cnntrain needs, for aarch64."""
    folder = tmp_path_factory.mktemp("aarch64")
    root, site, wheels = (folder / name for name in ("root", "site", "wheels"))
    for debian in debian_packages(folder):
        quietly("dpkg-deb", "--extract", str(debian), str(root))
    if not (root / "lib").exists():  # where all lies below usr
        (root / "lib").symlink_to("usr/lib")
    version = (root / "usr/bin/python3").readlink().name.removeprefix("python")
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in (17, 24, 27, 28)]
    quietly(
        *[sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"],
        *[f"--python-version={version}", f"--dest={wheels}", *platforms, *NEEDED],
        cwd=folder,
    )
    for wheel in wheels.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(site)
    return Emulated(root, site)


def debian_packages(folder):
    """Those of Python and all that it needs, downloaded by an apt that knows only `folder`."""
    status = folder / "status"
    status.write_text("")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Dir::State": folder / "state",
        "Dir::State::status": status,
        "Dir::Cache": folder / "cache",
    }
    apt = ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in options.items())]
    quietly(*apt, "update")
    get = ["install", "--yes", "--download-only", "--no-install-recommends"]
    quietly(*apt, *get, "python3", "libstdc++6")  # which NumPy needs
    return sorted((folder / "cache/archives").glob("*.deb"))


def test_a_run_has_the_same_bytes(emulated, tmp_path, monkeypatch):
    package = tmp_path / "package"
    copy(package)
    monkeypatch.setenv("CC", "aarch64-linux-gnu-gcc")
    build(package / BUILT.relative_to(ROOT), kind="aarch64", extra=("-O1", "-Wno-error"))
    lab = Lab(tmp_path)
    (tmp_path / "fault.yaml").write_text(COMPILED)
    shorter = ("--set", "epochs=3", "--set", "data.test=0.6")
    emulated.run(tmp_path, *lab.command("there", *shorter)[1:], package=package)
    assert fitted(lab, *shorter) == digests(tmp_path / "there")
