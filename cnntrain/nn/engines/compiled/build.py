"""Compiling the engine: all C files beside this one into a shared library for each processor level.

Uses the standard library alone, so that the build of the package can run it; in a checkout, or
where a package was installed without a compiler:

    python -m cnntrain.nn.engines.compiled.build [DIRECTORY]

Beside the libraries it leaves a record: of what and how they were made, and the SHA-256 of each,
by which library.py knows them before it loads one; or why there are none.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUILT = HERE / "built"  # where a checkout and an installed package keep the libraries
RECORD = "engine.json"

# No flag may let a compiler change the order of operations, or fuse what is not fused in the text.
FLAGS = [
    "-std=gnu11",
    "-O3",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
]
SHARED = ["-fPIC", "-fvisibility=hidden", "-pthread"]  # as every library needs

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
    if asked := os.environ.get("CC"):
        try:
            return shlex.split(asked)
        except ValueError as error:
            raise CannotCompile(f"CC is {asked!r}: {error}") from None
    found = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    if found is None:
        raise CannotCompile("no C compiler (cc, gcc or clang) on PATH")
    return [found]


def library_name(level: str) -> str:
    """The name of the file for a level."""
    return f"engine-{level}.so"


def sources_sha256() -> str:
    """Of the names and contents of all C files: whether a library was made of them."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*.[ch]")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def build(folder: Path = BUILT, kind: str = "", extra: tuple[str, ...] = ()) -> list[Path]:
    """The libraries for this kind of machine, or another `kind`, in `folder`, and their record.

    extra   flags that come last

    What is there already is replaced only once all of them compile.  Raises CannotCompile.
    """
    kind = kind or machine()
    if kind not in LEVELS:
        raise CannotCompile(f"a processor of kind {kind}; the engine knows {' and '.join(LEVELS)}")
    cc = compiler()
    flags = {level: [*FLAGS, *chosen, *extra] for level, chosen in LEVELS[kind].items()}
    record = {
        "compiler": _run([*cc, "--version"]).partition("\n")[0],
        "flags": {level: " ".join(chosen) for level, chosen in flags.items()},
        "sources": sources_sha256(),
    }
    try:
        with tempfile.TemporaryDirectory() as made:
            libraries = _compile(cc, flags, Path(made))
        return _put(libraries, record, folder)
    except OSError as error:
        raise CannotCompile(f"{error.filename}: {error.strerror}") from None


def record_missing(reason: str, folder: Path = BUILT) -> Path:
    """Record in `folder` why there are no libraries.  Returns the record; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    return _replace(folder / RECORD, json.dumps({"missing": reason}).encode())


def _compile(cc: list[str], flags: dict[str, list[str]], folder: Path) -> dict[str, bytes]:
    """The library of each level; files side by side, because each takes seconds."""

    def compiled(level: str, source: Path) -> str:
        made = str(folder / f"{level}-{source.stem}.o")
        _run([*cc, *SHARED, *flags[level], "-c", str(source), "-o", made])
        return made

    def linked(level: str, objects: list[Future[str]]) -> bytes:
        made, parts = folder / library_name(level), [part.result() for part in objects]
        _run([*cc, *SHARED, *flags[level], "-shared", *parts, "-lm", "-o", str(made)])
        return made.read_bytes()

    sources = sorted(HERE.glob("*.c"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = {
            level: [pool.submit(compiled, level, source) for source in sources] for level in flags
        }
        return {level: linked(level, parts) for level, parts in objects.items()}


def _put(libraries: dict[str, bytes], record: dict[str, Any], folder: Path) -> list[Path]:
    """The libraries and their record, in `folder`."""
    digests = {level: hashlib.sha256(made).hexdigest() for level, made in libraries.items()}
    text = json.dumps({**record, "sha256": digests}, indent=2)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [_replace(folder / library_name(level), made) for level, made in libraries.items()]
    return [*paths, _replace(folder / RECORD, text.encode())]


def _replace(path: Path, content: bytes) -> Path:
    """Write a file beside its place and rename it: processes may be running what is there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    return beside.replace(path)


def _run(command: list[str]) -> str:
    """What a command of the compiler prints.  Raises CannotCompile."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise CannotCompile(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it fails"]
        line = next((line for line in lines if "error" in line), lines[0])
        raise CannotCompile(f"{command[0]}: {line.strip()}")
    return done.stdout


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
