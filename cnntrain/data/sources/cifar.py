"""CIFAR-10 and CIFAR-100 in their binary versions, whose files hold nothing but records.

A record is the bytes of the labels and 3072 bytes of pixels, (3, 32, 32): red, green, blue.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.examples import Examples, RawData
from cnntrain.data.formats.safe_read import exists, read_values, unreadable
from cnntrain.data.sources.source import FilePath, Source
from cnntrain.errors import DataError
from cnntrain.files import open_file, read_text
from cnntrain.settings import setting
from cnntrain.text import printable, shown_path

Array = NDArray[Any]

CHANNELS, SIDE = 3, 32
PIXELS = CHANNELS * SIDE * SIDE
LABELS = Literal["fine", "coarse"]


@dataclass(frozen=True)
class Version:
    """One of the two data sets.

    title    what people call it
    folder   what its archive unpacks to, and `pickles` what that of the Python version does
    labels   the labels of a record in their order: the number of classes, and the file of names
    """

    title: str
    archive: str
    folder: str
    pickles: str
    train: tuple[str, ...]
    test: str
    labels: dict[str, tuple[int, str]]

    @property
    def record(self) -> int:
        """Bytes in a record."""
        return len(self.labels) + PIXELS


VERSIONS = (
    Version(
        "CIFAR-10",
        "cifar-10-binary.tar.gz",
        "cifar-10-batches-bin",
        "cifar-10-batches-py",
        tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
        "test_batch.bin",
        {"fine": (10, "batches.meta.txt")},
    ),
    Version(
        "CIFAR-100",
        "cifar-100-binary.tar.gz",
        "cifar-100-binary",
        "cifar-100-python",
        ("train.bin",),
        "test.bin",
        {"coarse": (20, "coarse_label_names.txt"), "fine": (100, "fine_label_names.txt")},
    ),
)


class Cifar(Source):
    """The binary version of CIFAR-10 or CIFAR-100: colour images of 32 x 32, with a test part.

    The Python version is pickled, which is never loaded.
    """

    also = "cifar10 cifar100"
    may_hold_validation: ClassVar[bool] = False
    may_hold_groups: ClassVar[bool] = False

    source: Literal["cifar"] = "cifar"
    directory: FilePath = setting(
        "Directory with the .bin files, or that in which their archive was unpacked.",
        also="dir folder root path",
    )
    labels: LABELS = setting(
        "Of CIFAR-100: the 100 classes, or the 20 that they belong to.", "fine", also="label"
    )

    def read(self) -> RawData:
        version, folder = _found(Path(self.directory))
        if self.labels not in version.labels:
            raise DataError(
                f"data.labels is {self.labels}, but {shown_path(folder)} holds {version.title}, "
                "whose labels are of one kind (leave data.labels out)"
            )
        classes, names = version.labels[self.labels]
        column = list(version.labels).index(self.labels)
        parts = [
            [_records(folder / name, version.record) for name in files]
            for files in (version.train, (version.test,))
        ]
        for files, arrays in zip((version.train, (version.test,)), parts, strict=True):
            for name, records in zip(files, arrays, strict=True):
                _check_labels(records[:, column], classes, folder / name)
        train, test = (_examples(arrays, column, len(version.labels)) for arrays in parts)
        return RawData(train, test=test, class_names=_names(folder / names, classes))


def _found(directory: Path) -> tuple[Version, Path]:
    """Which of the versions there is, and in which folder."""
    place = shown_path(directory)
    if exists(directory) and not directory.is_dir():
        raise DataError(f"{place} is a file, data.directory names a directory")
    there = [
        (version, folder)
        for version in VERSIONS
        for folder in (directory, directory / version.folder)
        if any(exists(folder / name) for name in (*version.train, version.test))
    ]
    if len(there) > 1:
        found = " and ".join(f"{version.title} in {shown_path(path)}" for version, path in there)
        raise DataError(f"{found}, expected one of them (set data.directory)")
    if not there:
        raise DataError(_nothing(directory, place))
    version, folder = there[0]
    missing = [name for name in (*version.train, version.test) if not exists(folder / name)]
    if missing:
        raise DataError(
            f"no {', '.join(missing)} in {shown_path(folder)}, expected all files of "
            f"{version.archive}"
        )
    return version, folder


def _nothing(directory: Path, place: str) -> str:
    """What to say of a directory without any of the files."""
    for version in VERSIONS:
        pickled = version.train[0].removesuffix(".bin")
        if exists(directory / version.pickles) or exists(directory / pickled):
            return (
                f"{place} holds the Python version of {version.title}, which is pickled and never "
                f"loaded; expected the binary version (get {version.archive})"
            )
        if exists(directory / version.archive):
            return f"{place} holds {version.archive}, expected its files (unpack it there)"
    files = " or ".join(f"{version.train[0]} of {version.title}" for version in VERSIONS)
    return f"no {files} in {place} (`cnntrain fetch cifar10` or `cifar100` gets them)"


def _records(path: Path, length: int) -> Array:
    """The records in a file, (n, length) uint8."""
    name = shown_path(path)
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size % length or not size:
                raise DataError(
                    f"{name}: {size:,} bytes, expected a number of records of {length:,} bytes (is "
                    "the file whole?)"
                )
            return read_values(
                file, np.dtype(np.uint8), (size // length, length), size, name, order="C"
            )
    except OSError as error:
        raise unreadable(path, error) from None


def _check_labels(labels: Array, classes: int, path: Path) -> None:
    wrong = labels >= classes
    if wrong.any():
        record = int(wrong.argmax())
        raise DataError(
            f"{shown_path(path)}: label of record {record} is {labels[record]}, allowed is 0 to "
            f"{classes - 1} (is it the file that its name says?)"
        )


def _examples(files: list[Array], column: int, labels: int) -> Examples:
    """The records of some files: x (N, 32, 32, 3) uint8, and the labels in one column."""
    x = np.empty((sum(map(len, files)), SIDE, SIDE, CHANNELS), dtype=np.uint8)
    start = 0
    for records in files:
        planes = records[:, labels:].reshape(-1, CHANNELS, SIDE, SIDE)
        x[start : start + len(records)] = np.moveaxis(planes, 1, -1)
        start += len(records)
    return Examples(x, np.concatenate([records[:, column] for records in files]).astype(np.int64))


def _names(path: Path, classes: int) -> tuple[str, ...]:
    """The names of the classes, one a line."""
    try:
        names = read_text(path).split("\n")
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError as error:
        raise DataError(f"{shown_path(path)}: no text in UTF-8 ({printable(error)})") from None
    kept = tuple(name.strip() for name in names if name.strip())
    if len(kept) != classes:
        raise DataError(f"{shown_path(path)}: {len(kept)} names, expected {classes}")
    return kept
