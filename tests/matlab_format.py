"""Arrays as MATLAB's files of version 5 hold them."""

from __future__ import annotations

import struct
import zlib

import numpy as np

TYPES = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f8": 9}
CLASSES = {"i1": 8, "u1": 9, "i2": 10, "u2": 11, "i4": 12, "u4": 13, "f8": 6}


def mat_bytes(arrays) -> bytes:
    """The content of a file with `arrays` by name, each compressed."""
    head = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\x00\x01IM"
    return head + b"".join(_compressed(name, array) for name, array in arrays.items())


def _compressed(name, array) -> bytes:
    kind = array.dtype.str[1:]
    matrix = (
        _element(6, struct.pack("<II", CLASSES[kind], 0))
        + _element(5, np.array(array.shape, "<i4").tobytes())
        + _element(1, name.encode())
        + _element(TYPES[kind], array.tobytes(order="F"))
    )
    packed = zlib.compress(struct.pack("<II", 14, len(matrix)) + matrix)
    return struct.pack("<II", 15, len(packed)) + packed


def _element(kind, content) -> bytes:
    if len(content) <= 4:
        return struct.pack("<HH", kind, len(content)) + content.ljust(4, b"\0")
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)
