"""Compiling the engine: all C files beside this one into a shared library for each processor level.

Uses the standard library alone, so that the build of the package can run it; in a checkout:

    python -m cnntrain.nn.engines.compiled.build [DIRECTORY]
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE / "built"  # where a checkout and an installed package keep the libraries

# No flag may let a compiler change the order of operations, or fuse what is not fused in the text.
FLAGS = [
    "-std=gnu11",
    "-O3",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-pthread",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wall",
    "-Wextra",
    "-Werror",
]

# What each level is called in names of files, and the flags that choose it; the best one first.
LEVELS: dict[str, dict[str, list[str]]] = {
    "x86_64": {
        "x86-64-v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
        "x86-64-v3": ["-march=x86-64-v3"],
    },
    "aarch64": {"armv8-a": ["-march=armv8-a"]},
}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # other names of them


class CannotCompile(Exception):
    """There is no compiler, or it does not compile the engine."""


def machine() -> str:
    """The kind of this processor, by the name that LEVELS has for it."""
    name = platform.machine().lower()
    return MACHINES.get(name, name)


def compiler() -> list[str]:
    """The command of the C compiler: CC, or the first of cc, gcc and clang that there is.

    Raises CannotCompile.
    """
    if os.environ.get("CC"):
        return shlex.split(os.environ["CC"])
    found = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    if found is None:
        raise CannotCompile("no C compiler (cc, gcc or clang) on PATH")
    return [found]


def compile_library(
    level: str, flags: list[str], folder: Path, extra: tuple[str, ...] = ()
) -> Path:
    """The library of one level, in `folder`; `extra` flags come last.  Raises CannotCompile."""
    library = folder / f"engine-{level}.so"
    sources = sorted(str(path) for path in HERE.glob("*.c"))
    command = [*compiler(), *FLAGS, *flags, *extra, "-o", str(library), *sources, "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise CannotCompile(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr]
        raise CannotCompile(f"{command[0]}: {lines[0].strip()}")
    return library


def build(folder: Path = BUILT, kind: str = "", extra: tuple[str, ...] = ()) -> list[Path]:
    """The libraries for this kind of machine, or another `kind`, in `folder`.

    What is there already is replaced only once all of them compile.  Raises CannotCompile.
    """
    levels = LEVELS.get(kind or machine())
    if levels is None:
        known = " and ".join(LEVELS)
        raise CannotCompile(f"a processor of kind {machine()}; the engine knows {known}")
    with tempfile.TemporaryDirectory() as made:
        there = [compile_library(name, flags, Path(made), extra) for name, flags in levels.items()]
        folder.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.move(path, folder / path.name)) for path in there]


def main() -> int:
    """The command line above."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT
    try:
        for path in build(folder):
            print(path)
    except CannotCompile as error:
        print(f"the engine was not compiled: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
