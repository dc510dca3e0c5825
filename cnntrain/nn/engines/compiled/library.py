"""Finding and loading the compiled library that suits this processor."""

from __future__ import annotations

import ctypes
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from cnntrain.files import read_bytes, read_text
from cnntrain.nn.engines.compiled.build import (
    BUILT,
    LEVELS,
    RECORD,
    library_name,
    machine,
    sources_sha256,
)
from cnntrain.text import printable

# What a processor must be able to do, as Linux names it, for a level of x86-64.
NEEDED = {
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma"},
    "x86-64-v3": {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"},
    "armv8-a": set[str](),
}

WAY_OUT = "`python -m cnntrain.nn.engines.compiled.build` compiles it where there is a C compiler"


class Record(BaseModel):
    """What build.py leaves beside the libraries; `missing` says why there are none."""

    missing: str = ""
    compiler: str = ""
    sources: str = ""
    flags: dict[str, str] = {}
    sha256: dict[str, str] = {}


class Unusable(Exception):
    """A library, or all of them; the message says why."""


def levels() -> list[str]:
    """The levels that this processor is up to, the best one first."""
    return [name for name in LEVELS.get(machine(), {}) if NEEDED[name] <= _abilities()]


@dataclass(frozen=True, eq=False)
class Library:
    """A library that is loaded.

    level      the processors that it is for
    compiled   with which compiler and flags, and which better library was of no use
    """

    functions: ctypes.CDLL
    path: Path
    level: str
    compiled: str

    def __reduce__(self) -> tuple[Any, tuple[Path, str]]:
        """Copies in other processes load it again."""
        return load, (self.path.parent, self.level)


@functools.cache
def load(folder: Path = BUILT, level: str | None = None) -> Library | str:
    """The best library in `folder` for this processor, or that of one `level`; or why there is
    none, in a few words.

    A library is loaded only if it is, byte for byte, what was compiled of the C files as they are:
    the system's loader would crash on one that is cut off, and another version would compute
    with the wrong addresses.  Raises MemoryError.
    """
    suitable = [name for name in levels() if level in (None, name)]
    if not suitable:
        return f"there is none for this processor ({machine()}{_lacking()})"
    reasons: list[str] = []
    try:
        record = _record(folder)
        for name in suitable:
            try:
                functions = _loaded(folder / library_name(name), record.sha256.get(name))
            except Unusable as error:
                reasons.append(f"{library_name(name)} {error}")
                continue
            compiled = "; ".join([f"{record.compiler}, {record.flags.get(name)}", *reasons])
            return Library(functions, folder / library_name(name), name, printable(compiled, 1000))
    except Unusable as error:
        reasons.append(str(error))
    return f"{printable('; '.join(reasons), 400)}; {WAY_OUT}"


def _record(folder: Path) -> Record:
    """Raises Unusable where the libraries do not belong to the C files, or there are none."""
    try:
        record = Record.model_validate_json(read_bytes(folder / RECORD))
        sources = sources_sha256()
    except FileNotFoundError:
        raise Unusable("it has not been compiled") from None
    except ValidationError:
        raise Unusable(f"{RECORD}, the record of its compilation, is damaged") from None
    except OSError as error:
        raise Unusable(f"{error.filename}: {error.strerror}") from None
    if record.missing:
        raise Unusable(f"{record.missing} when cnntrain was installed")
    if record.sources != sources:
        raise Unusable("it was compiled from other C files than those that are there now")
    return record


def _loaded(path: Path, sha256: str | None) -> ctypes.CDLL:
    """The library at `path`.  Raises Unusable."""
    try:
        if hashlib.sha256(read_bytes(path)).hexdigest() != sha256:
            raise Unusable("is not as it was compiled")
        return ctypes.CDLL(str(path))
    except FileNotFoundError:
        raise Unusable("is missing") from None
    except OSError as error:
        if "annot allocate memory" in str(error):  # which ctypes passes on as text alone
            raise MemoryError from None
        raise Unusable(f"cannot be loaded: {error.strerror or error}") from None


def _lacking() -> str:
    """What a processor of a known kind lacks."""
    return " without AVX2 and FMA" if machine() in LEVELS else ""


@functools.cache
def _abilities() -> frozenset[str]:
    """The flags of this processor; all that are needed where Linux does not tell."""
    try:
        lines = read_text("/proc/cpuinfo").splitlines()
    except OSError:
        lines = []
    flags = next((line for line in lines if line.startswith("flags")), None)
    if flags is None:
        return frozenset() if machine() == "x86_64" else frozenset().union(*NEEDED.values())
    return frozenset(flags.partition(":")[2].split())
