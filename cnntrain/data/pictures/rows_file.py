"""A file of decoded pictures, so that they need not be decoded again.

    pixels    (N, H, W, C) uint8
    digests   (N, 16) uint8, of the bytes of the file of each picture
    names     of these files, with null bytes between
    head      JSON: what the pixels were made with, sizes, and CRC-32 of what stands before it
    the length of the head, 8 bytes, and MAGIC

It is written beside its place and renamed, so that it is there as a whole or not at all.  Whatever
is wrong with one, it is as if there were none: pictures are decoded anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnntrain.files import open_file

Array = NDArray[Any]
MAGIC = b"cnnrows1"
TAIL = struct.Struct("<Q8s")
DIGEST = 16  # bytes
PIECE = 2**22  # bytes whose checksum is computed at a time
TEMPORARY = ".tmp-"


@dataclass(frozen=True, eq=False)
class Rows:
    """What such a file holds; `pixels` are mapped into memory, read-only."""

    pixels: Array
    digests: Array
    names: list[bytes]

    @property
    def behind(self) -> bytes:
        """What stands behind the pixels."""
        return self.digests.tobytes() + b"\0".join(self.names)


def read_rows(path: Path, made_with: str, shape: tuple[int, ...]) -> Rows | None:
    """The rows in a file, whole and made as these would be; None where there are none.

    made_with   says all that the pixels of a picture depend on
    shape       (H, W, C)
    """
    try:
        with open_file(path, links=False) as file:
            return _read(file, made_with, shape)
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def _read(file: BinaryIO, made_with: str, shape: tuple[int, ...]) -> Rows | None:
    size = os.fstat(file.fileno()).st_size
    file.seek(size - TAIL.size)
    length, magic = TAIL.unpack(file.read(TAIL.size))
    if magic != MAGIC or length > min(size, PIECE):
        return None
    file.seek(size - TAIL.size - length)
    head = json.loads(file.read(length))
    count, names_length = int(head["count"]), int(head["names"])
    ends = np.cumsum([count * int(np.prod(shape)), count * DIGEST, names_length])
    if head["made_with"] != made_with or count < 1 or ends[-1] + length + TAIL.size != size:
        return None
    whole: Array = np.memmap(file, dtype=np.uint8, mode="r", shape=(int(ends[-1]),))
    if checksum(whole) != head["checksum"]:
        return None
    pixels, digests, names, _ = np.split(whole, ends)
    found = bytes(names).split(b"\0")
    if len(found) != count:
        return None
    kept = np.frombuffer(bytes(digests), dtype=np.uint8).reshape(count, DIGEST)
    return Rows(pixels.reshape(count, *shape), kept, found)


def checksum(whole: Array) -> int:
    """CRC-32 of bytes, (n,) uint8."""
    total = 0
    for start in range(0, len(whole), PIECE):
        total = zlib.crc32(whole[start : start + PIECE].data, total)
    return total


class NewRows:
    """Rows on the way to a file: written in any order, then finished.

    Every method raises OSError where the disk is full or the like.
    """

    def __init__(self, file: BinaryIO, count: int, shape: tuple[int, ...]) -> None:
        self.file, self.shape = file, shape
        self.size = int(np.prod(shape))
        if hasattr(os, "posix_fallocate"):  # a full disk shows at once
            os.posix_fallocate(file.fileno(), 0, count * self.size)

    def put(self, index: int, row: Array) -> None:
        """Write the row (H, W, C) at `index`."""
        self.file.seek(index * self.size)
        self.file.write(np.ascontiguousarray(row).data)

    def keep(self, indices: Sequence[int]) -> None:
        """Only the rows at `indices`, ascending; they move up."""
        for place, index in enumerate(indices):
            if place != index:
                self.file.seek(index * self.size)
                row = self.file.read(self.size)
                self.file.seek(place * self.size)
                self.file.write(row)
        self.file.truncate(len(indices) * self.size)

    def finish(self, made_with: str, rows: Rows) -> None:
        """Write what stands behind the pixels; those of `rows` are these, mapped."""
        behind = rows.behind
        head = json.dumps(
            {
                "made_with": made_with,
                "count": len(rows.names),
                "names": len(behind) - rows.digests.nbytes,
                "checksum": zlib.crc32(behind, checksum(rows.pixels.reshape(-1))),
            }
        ).encode()
        self.file.seek(rows.pixels.size)
        self.file.write(behind + head + TAIL.pack(len(head), MAGIC))
        self.file.flush()

    def map(self, count: int) -> Array:
        """The first `count` rows, mapped into memory, read-only."""
        self.file.flush()
        shape = (count, *self.shape)
        return np.memmap(self.file, dtype=np.uint8, mode="r", shape=shape)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write, which takes the place of `path` in the end; it is removed if anything
    goes wrong, and those that others have left behind are removed first.

    To be entered by one process at a time.  Raises OSError.
    """
    prefix = f"{TEMPORARY}{path.stem}-"
    for left in path.parent.iterdir():
        if left.name.startswith(prefix):
            left.unlink(missing_ok=True)
    temporary = path.with_name(f"{prefix}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("x+b") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
