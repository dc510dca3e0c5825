"""Finding and loading the compiled library that suits this processor."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.files import read_text
from cnntrain.nn.engines.compiled.build import BUILT, LEVELS, machine

INTERFACE = 1  # of the functions in the library; raised with every change of them

# What a processor must be able to do, as Linux names it, for a level of x86-64.
NEEDED = {
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma"},
    "x86-64-v3": {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"},
    "armv8-a": set[str](),
}


def levels() -> list[str]:
    """The levels that this processor is up to, the best one first."""
    return [name for name in LEVELS.get(machine(), {}) if NEEDED[name] <= _abilities()]


@dataclass(frozen=True, eq=False)
class Library:
    """A library that is loaded.

    level      the processors that it is for
    compiled   with which compiler and flags
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
    none, in a few words."""
    suitable = levels()
    if level is not None:
        suitable = [name for name in suitable if name == level]
    if not suitable:
        return f"no library for this processor ({machine()} without AVX2 and FMA)"
    reasons = []
    for name in suitable:
        path = folder / f"engine-{name}.so"
        if path.exists():
            found = _loaded(path, name)
            if isinstance(found, Library):
                return found
            reasons.append(f"{path.name}: {found}")
    return "; ".join(reasons) or "it was not compiled when cnntrain was installed"


def _loaded(path: Path, level: str) -> Library | str:
    """The library at `path`, or why it cannot be used."""
    try:
        functions = ctypes.CDLL(str(path))
        version = functions.cnntrain_version
    except (OSError, AttributeError) as error:  # cut off, for another system, or not ours
        return str(error)
    version.restype = ctypes.c_char_p
    interface, _, compiled = version().decode(errors="replace").partition(" ")
    if interface != str(INTERFACE):
        return f"interface {interface}, expected {INTERFACE}: it belongs to another version"
    return Library(functions, path, level, compiled)


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
