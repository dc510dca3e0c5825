"""Files in the format of MNIST: a magic number 0 0 type axes, big-endian sizes, then the values."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.dataset import Pair, Source
from cnntrain.data.safe_read import check_file, exists, read_values, unreadable
from cnntrain.errors import DataError
from cnntrain.text import printable, shown_path

Array = NDArray[Any]

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
TEST = ["test_images", "test_labels"]
GZIP = b"\x1f\x8b"
MOST_PACKED = 1032  # bytes that gzip can pack into one

WHERE = (
    "MNIST and Fashion-MNIST come as four such files: Debian's package dataset-fashion-mnist puts "
    "them in /usr/share/datasets/fashion-mnist; else get them from "
    "https://github.com/zalandoresearch/fashion-mnist"
)


def read(paths: dict[str, Path]) -> Source:
    """The pairs in files named by train_images, train_labels and, if there, test_images and
    test_labels.  Classes are called by their numbers.  Raises DataError."""
    missing = [path for path in paths.values() if not exists(path)]
    if missing:
        raise DataError(f"no file {', '.join(shown_path(path) for path in missing)} ({WHERE})")
    train = _pair(paths["train_images"], paths["train_labels"])
    test = None
    if "test_images" in paths:
        test = _pair(paths["test_images"], paths["test_labels"])
    return Source(train, test=test)


def standard_paths(directory: Path, with_test: bool) -> dict[str, Path]:
    """The four files of MNIST in `directory`, compressed or not; without `with_test` it need not
    have the two of the test part.  Raises DataError where files are missing."""
    if exists(directory) and not directory.is_dir():
        raise DataError(f"{shown_path(directory)} is a file, data.directory names a directory")
    found = {key: _find(directory, name) for key, name in NAMES.items()}
    missing = [key for key, path in found.items() if path is None]
    if missing and (with_test or missing != TEST):
        other = "; or set data.test to split a test part off" if missing == TEST else ""
        raise DataError(
            f"no {', '.join(NAMES[key] for key in missing)} (or .gz) in {shown_path(directory)}, "
            f"which is where they belong ({WHERE}{other})"
        )
    return {key: path for key, path in found.items() if path is not None}


def _find(directory: Path, name: str) -> Path | None:
    for stem in (name, name.replace("-idx", ".idx")):
        for path in (directory / stem, directory / f"{stem}.gz"):
            if exists(path):
                return path
    return None


def _pair(images: Path, labels: Path) -> Pair:
    x, y = read_array(images, "images", (3, 4)), read_array(labels, "labels", (1,))
    if y.dtype.kind == "f":
        raise DataError(f"{shown_path(labels)}: real numbers, expected whole ones as labels")
    return Pair(x[..., None] if x.ndim == 3 else x, y.astype(np.int64))


def read_array(path: Path, what: str = "", axes: tuple[int, ...] = ()) -> Array:
    """The array in an idx file, plain or gzip.

    what, axes   "images" or "labels", and how many axes those may have; () for any number

    The sizes that its header claims are compared with the file before anything is allocated, and
    decompression stops at the claimed size.  Raises DataError.
    """
    check_file(path)
    name = shown_path(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            packed = file.read(2) == GZIP
            file.seek(0)
            if not packed:
                return _read(file, size, name, what, axes)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read(cast(IO[bytes], unpacked), MOST_PACKED * size, name, what, axes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{name}: damaged gzip file ({printable(error)})") from None
    except OSError as error:
        raise unreadable(path, error) from None


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
