"""NumPy's files, .npy and .npz; nothing in them is ever unpickled."""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from cnntrain.data.safe_read import read_values, unreadable
from cnntrain.errors import DataError
from cnntrain.files import open_file
from cnntrain.text import printable, shown_path

Array = NDArray[Any]
DAMAGE = (  # raised by zipfile and the decompressors
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    IndexError,
)


def read_inputs(path: Path) -> Array:
    """Raw inputs in an .npy file, or in an .npz: the array x, or the only one.  DataError."""
    if path.suffix != ".npz":
        return read_npy(path)
    arrays = read_npz(path)
    if "x" in arrays:
        return arrays["x"]
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    raise DataError(f"{shown_path(path)}: no array x (found {_listed(arrays)})")


def read_npy(path: Path) -> Array:
    """The array in an .npy file.  Raises DataError."""
    try:
        with open_file(path) as file:
            return _read(file, os.fstat(file.fileno()).st_size, shown_path(path))
    except OSError as error:
        raise unreadable(path, error) from None


def read_npz(path: Path, wanted: Collection[str] | None = None) -> dict[str, Array]:
    """The arrays of an .npz file by name (only those `wanted`, if given), in sorted order.

    Raises DataError, also where none of the wanted ones is there.
    """
    name = shown_path(path)
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            members = [(m.filename.removesuffix(".npy"), m) for m in archive.infolist()]
            names = [key for key, _ in members]
            twice = sorted(key for key, count in Counter(names).items() if count > 1)
            if twice:
                raise DataError(f"{name}: two arrays called {printable(twice[0])}")
            if wanted is not None and not set(wanted) & set(names):
                raise DataError(f"{name}: no array {' or '.join(wanted)} (found {_listed(names)})")
            arrays = {}
            for key, member in sorted(members, key=lambda entry: entry[0]):
                if wanted is None or key in wanted:
                    with archive.open(member) as values:
                        arrays[key] = _read(values, member.file_size, f"{name}: {printable(key)}")
            return arrays
    except DAMAGE as error:
        raise DataError(f"{name}: not a readable .npz file ({printable(error)})") from None
    except OSError as error:
        raise unreadable(path, error) from None


def _listed(names: Collection[str]) -> str:
    return printable(", ".join(sorted(names)) or "none", 200)


def _read(file: IO[bytes], size: int, name: str) -> Array:
    """One array in NumPy's format, from a file of `size` bytes."""
    try:
        version = npy.read_magic(file)
        if version not in {(1, 0), (2, 0), (3, 0)}:
            raise ValueError(f"version {version}")
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, kind = header(file)
    except (OSError, MemoryError, zipfile.BadZipFile):
        raise
    except Exception as error:  # the header is a Python literal, which can fail in any way
        raise DataError(f"{name}: not an array in NumPy's format ({printable(error)})") from None
    if kind.hasobject:
        raise DataError(f"{name}: holds Python objects, which are never loaded; expected numbers")
    if kind.kind not in "biufU" or kind.shape:
        raise DataError(f"{name}: values of type {printable(kind)}, expected real numbers")
    if any(n < 0 for n in shape):
        raise DataError(f"{name}: negative sizes {printable(shape)}")
    return read_values(file, kind, shape, size, name, order="F" if fortran else "C")
