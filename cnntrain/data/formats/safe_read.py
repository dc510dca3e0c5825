"""Reading values from files: no more memory than a file can fill."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import DataError
from cnntrain.files import open_file
from cnntrain.text import printable, shown_path

Array = NDArray[Any]
PIECE = 2**20  # bytes read at a time: memory follows what is there, not what a header claims
GZIP = b"\x1f\x8b"
MOST_PACKED = 1032  # bytes that gzip can pack into one


def exists(path: Path) -> bool:
    """Whether there is anything at `path`.  Raises DataError where access is denied."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: not a valid name
        return False
    except OSError as error:
        raise unreadable(path, error) from None
    return True


def unreadable(path: str | Path, error: OSError) -> DataError:
    """The error for a `path` that cannot be read."""
    name = shown_path(path)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return DataError(f"no file {name}")
    return DataError(f"cannot read {name}: {error.strerror or printable(error)}")


@contextmanager
def open_unpacked(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """What is in a file, plain or gzip, and the most bytes that this can be.

    Raises DataError where it cannot be read, also while it is.
    """
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            if not packed:
                yield file, size
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast(IO[bytes], unpacked), MOST_PACKED * size
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{shown_path(path)}: damaged gzip file ({printable(error)})") from None
    except OSError as error:
        raise unreadable(path, error) from None


def read_values(
    file: IO[bytes], kind: np.dtype[Any], shape: tuple[int, ...], limit: int, name: str, order: str
) -> Array:
    """The rest of `file` as an array of `shape`, in the byte order of this machine.

    limit   most bytes that there can be
    order   "C" or "F": which axis varies fastest in the file

    Raises DataError unless there are exactly the bytes that `kind` and `shape` call for, before
    more than those, or than `limit`, are held.
    """
    claimed = math.prod(shape) * kind.itemsize
    size = printable(" x ".join(str(n) for n in shape) or "1")
    wrong = f"{name}: its header claims {size} = {claimed:,} bytes, it holds"
    if claimed > limit:
        raise DataError(f"{wrong} at most {limit:,}")
    values = bytearray()
    while len(values) <= claimed:
        piece = file.read(min(PIECE, claimed + 1 - len(values)))
        if not piece:
            break
        values += piece
    if len(values) != claimed:
        raise DataError(f"{wrong} {'more' if len(values) > claimed else f'{len(values):,}'}")
    try:
        array: Array = np.ndarray(shape, kind, values, order="F" if order == "F" else "C")
    except ValueError as error:
        raise DataError(f"{name}: its header claims {size} ({printable(error)})") from None
    return np.asarray(array, dtype=kind.newbyteorder("="), order="C")
