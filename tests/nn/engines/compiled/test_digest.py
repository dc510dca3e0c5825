"""The kernels compiled in many ways: one digest of their results, and no access out of bounds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cnntrain.nn.engines.compiled.build import FLAGS, HERE
from cnntrain.nn.engines.compiled.library import levels

pytestmark = pytest.mark.system

V3, V4 = "-march=x86-64-v3", "-march=x86-64-v4"
WAYS = {
    "gcc, AVX2": ["gcc", V3, "-O3"],
    "gcc, AVX-512": ["gcc", V4, "-O3"],
    "gcc, hardly optimised": ["gcc", V3, "-O1"],
    "clang, AVX2": ["clang", V3, "-O3"],
    "clang, AVX-512": ["clang", V4, "-O3"],
    "gcc, aarch64": ["aarch64-linux-gnu-gcc", "-static", "-O2"],
    "gcc, watched": [
        "gcc",
        V3,
        "-O1",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover",
        "-Wno-maybe-uninitialized",
    ],
}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]
SINGLE, DOUBLE = "REAL_BYTES=4", "REAL_BYTES=8"


def possible(way):
    """Whether this processor runs what is compiled in that way."""
    return V4 not in WAYS[way] or "x86-64-v4" in levels()


def digest(way, kind, folder):
    """What the program prints, compiled in one of WAYS."""
    command, *options = WAYS[way]
    emulator = ["qemu-aarch64"] if "aarch64" in way else []
    flags = [flag for flag in FLAGS if flag not in {"-O3", "-shared", "-fPIC"}]
    program = folder / "digest"
    source = Path(__file__).with_name("digest.c")
    options = [*flags, *options, *WARNINGS, f"-D{kind}", f"-I{HERE}"]
    subprocess.run([command, *options, str(source), "-o", str(program)], check=True)
    run = subprocess.run([*emulator, str(program)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module", params=[SINGLE, DOUBLE])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def expected(kind, tmp_path_factory):
    return digest("gcc, AVX2", kind, tmp_path_factory.mktemp("expected"))


@pytest.mark.parametrize("way", [way for way in WAYS if way != "gcc, AVX2" and possible(way)])
def test_one_digest(way, kind, expected, tmp_path):
    assert digest(way, kind, tmp_path) == expected
