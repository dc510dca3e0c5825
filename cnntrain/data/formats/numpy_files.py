"""NumPy's files, .npy and .npz; nothing in them is ever unpickled."""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from cnntrain.data.formats.safe_read import read_values, unreadable
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

NUMBERS, TEXT = "real numbers", "text"  # what arrays hold
LABELS = f"whole numbers, {TEXT} or {NUMBERS}"
_HINTS = {
    NUMBERS: "an array of numbers, such as array.astype(float) or numpy.stack(list)",
    TEXT: "array.astype(str)",
    LABELS: "y.astype(int), y.astype(str) or y.astype(float)",
}


def read_inputs(path: Path) -> Array:
    """Raw inputs in an .npy file, or in an .npz: the array x, or the only one.

    An .npz of a data set may be given as it is: y and class_names play no part.  Raises DataError,
    also where other arrays stand beside x, of which it would be unclear what they are for.
    """
    if path.suffix != ".npz":
        return read_npy(path)
    with open_npz(path) as archive:
        names = set(archive.names) - {"y", "class_names"}
        if "x" in archive.names and len(names) > 1:
            beside = _listed(names - {"x"})
            raise DataError(f"{archive.name}: {beside} beside x, expected the inputs alone")
        if "x" not in archive.names and len(archive.names) != 1:
            raise DataError(f"{archive.name}: no array x (found {_listed(archive.names)})")
        return archive.read("x" if "x" in archive.names else archive.names[0])


def read_npy(path: Path) -> Array:
    """The array in an .npy file.  Raises DataError."""
    try:
        with open_file(path) as file:
            return _read(file, os.fstat(file.fileno()).st_size, shown_path(path), NUMBERS)
    except OSError as error:
        raise unreadable(path, error) from None


class Archive:
    """The arrays of an .npz file that is open.

    name    the file in messages
    names   of its arrays, sorted
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self.name = archive, name
        members = [(m.filename.removesuffix(".npy"), m) for m in archive.infolist()]
        twice = sorted(key for key, n in Counter(key for key, _ in members).items() if n > 1)
        if twice:
            raise DataError(f"{name}: two arrays called {printable(twice[0])}")
        self._members = dict(sorted(members, key=lambda entry: entry[0]))
        self.names = list(self._members)

    def read(self, key: str, expected: str = NUMBERS) -> Array:
        """The array called `key`, which holds what is `expected`.  Raises DataError."""
        archive, member = self._archive, self._members[key]
        with archive.open(member) as values:
            return _read(values, member.file_size, f"{self.name}: {printable(key)}", expected)


@contextmanager
def open_npz(path: Path) -> Iterator[Archive]:
    """The .npz file at `path`.  Raises DataError where it cannot be read."""
    name = shown_path(path)
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            yield Archive(archive, name)
    except DAMAGE as error:
        raise DataError(f"{name}: not a readable .npz file ({printable(error)})") from None
    except OSError as error:
        raise unreadable(path, error) from None


def _listed(names: Collection[str]) -> str:
    return printable(", ".join(sorted(names)) or "none", 200)


def _read(file: IO[bytes], size: int, name: str, expected: str) -> Array:
    """One array in NumPy's format, of what is `expected`, from a file of `size` bytes."""
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
        raise DataError(
            f"{name}: holds Python objects, which are never loaded; expected {expected} "
            f"(store {_HINTS[expected]})"
        )
    if kind.kind not in "biufUS" or kind.shape:
        raise DataError(f"{name}: values of type {printable(kind)}, expected {expected}")
    if any(n < 0 for n in shape):
        raise DataError(f"{name}: negative sizes {printable(shape)}")
    return read_values(file, kind, shape, size, name, order="F" if fortran else "C")
