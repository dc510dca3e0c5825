"""The format of MNIST's files: a magic number 0 0 type axes, big-endian sizes, then the values."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.formats.safe_read import open_unpacked, read_values
from cnntrain.errors import DataError
from cnntrain.text import shown_path

Array = NDArray[Any]

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_array(path: Path, what: str = "", axes: tuple[int, ...] = ()) -> Array:
    """The array in an idx file, plain or gzip.

    what, axes   "images" or "labels", and how many axes those may have; () for any number

    The sizes that its header claims are compared with the file before anything is allocated, and
    decompression stops at the claimed size.  Raises DataError.
    """
    with open_unpacked(path) as (file, size):
        return _read(file, size, shown_path(path), what, axes)


def _read(file: IO[bytes], size: int, name: str, what: str, wanted: tuple[int, ...]) -> Array:
    """The array in `file`, which holds `size` bytes or less: `what` with `wanted` axes."""
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not head[3]:
        raise DataError(
            f"{name}: not an idx file: magic number {head.hex() or 'missing'}, "
            "expected 0000 and a known type and number of axes"
        )
    kind, axes = np.dtype(TYPES[head[2]]), head[3]
    if wanted and axes not in wanted:
        count = f"{axes} {'axis' if axes == 1 else 'axes'}"
        usual = bytes([0, 0, head[2], wanted[0]]).hex()
        raise DataError(
            f"{name}: magic number {head.hex()} ({count}), expected {usual}, {what}"
            " (are images and labels mixed up?)"
        )
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise DataError(f"{name}: ends within its header")
    shape = struct.unpack(f">{axes}I", sizes)
    return read_values(file, kind, shape, size - 4 - 4 * axes, name, order="C")
