"""Arrays of whole numbers in MATLAB's files of version 5, compressed as MATLAB writes them.

The format is that of "MAT-File Format" (The MathWorks): a header of 128 bytes, then elements, each
of a type, a size and its bytes.  A compressed element holds a matrix, which holds elements in turn:
flags, sizes of the axes, a name, and the numbers, the first axis fastest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.formats.safe_read import unreadable
from cnntrain.errors import DataError
from cnntrain.files import open_file
from cnntrain.text import shown_path

HEADER = 128
ORDER = slice(126, 128)  # of the header: b"IM" in files of little-endian machines
MATRIX, COMPRESSED, AXES = 14, 15, 5
NUMBERS = {1: "<i1", 2: "<u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 9: "<f8"}
PIECE = 2**16  # bytes that are unpacked at a time, at most to a thousand times as many
LARGEST = 2**29  # bytes of a matrix


def read_matrices(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays in a file, by name.  Raises DataError where it is no such file, or damaged."""
    found = {}
    try:
        with open_file(path) as file:
            if file.read(HEADER)[ORDER] != b"IM":
                raise ValueError
            while tag := file.read(8):
                kind, size = struct.unpack("<II", tag)
                if kind != COMPRESSED:
                    raise ValueError
                name, array = _matrix(_unpacked(file, size))
                found[name] = array
    except (ValueError, IndexError, struct.error, zlib.error):
        raise DataError(f"{shown_path(path)}: not a readable MATLAB file of version 5") from None
    except OSError as error:
        raise unreadable(path, error) from None
    return found


def _unpacked(file: IO[bytes], size: int) -> memoryview:
    """What the next `size` bytes of `file` unpack to."""
    unpacker, content = zlib.decompressobj(), bytearray()
    while size:
        piece = file.read(min(PIECE, size))
        if not piece:
            raise ValueError
        size -= len(piece)
        content += unpacker.decompress(piece)
        if len(content) > LARGEST:
            raise ValueError
    content += unpacker.flush()
    return memoryview(content)


def _matrix(content: memoryview) -> tuple[str, NDArray[Any]]:
    """A matrix, and its name."""
    kind, size = struct.unpack_from("<II", content)
    if kind != MATRIX:
        raise ValueError
    _, (axes, sizes), (_, name), (numbers, values) = _elements(content[8 : 8 + size])
    if axes != AXES or numbers not in NUMBERS:
        raise ValueError
    shape = np.frombuffer(sizes, "<i4").tolist()
    array = np.frombuffer(values, NUMBERS[numbers]).reshape(shape, order="F")
    return bytes(name).decode("ascii"), array


def _elements(content: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Types and bytes of the elements in `content`, which are padded to eight bytes; one of four
    bytes or less stands in its own tag."""
    while content:
        kind, size = struct.unpack_from("<II", content)
        start = 8
        if kind >> 16:
            kind, size, start = kind & 0xFFFF, kind >> 16, 4
        if start + size > len(content):
            raise ValueError
        yield kind, content[start : start + size]
        content = content[-(-(start + size) // 8) * 8 :]
