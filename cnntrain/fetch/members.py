"""Files out of archives: the wanted ones alone, each under its own name, whatever else there is."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from cnntrain.errors import DataError
from cnntrain.files import open_file
from cnntrain.storage import durable
from cnntrain.text import printable, shown_path

DAMAGE = (  # raised by tarfile, zipfile and the decompressors
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    RuntimeError,
)
LARGEST = 2**28  # bytes of a file out of an archive


def unpack(path: Path, names: Sequence[str], folder: Path) -> None:
    """Write the files of these names, wherever they are in a .tar.gz file, to `folder`.

    Nothing else is written, and nothing but regular files is read.  Raises DataError where one is
    missing or the archive is damaged, StorageError.
    """
    missing = set(names)
    with (
        _reading(path),
        open_file(path) as file,
        gzip.GzipFile(fileobj=file) as unpacked,
        tarfile.TarFile(fileobj=unpacked) as archive,
    ):
        for member in archive:
            name = PurePosixPath(member.name).name
            if name not in missing or not member.isreg():
                continue
            _check_size(path, name, member.size)
            content = archive.extractfile(member)
            assert content is not None  # of a regular file
            with durable.replacing(folder / name) as made:
                shutil.copyfileobj(content, made)
            missing.remove(name)
    _check_missing(path, missing)


def unzip(path: Path, names: Sequence[str], folder: Path) -> None:
    """Write the files of these names, wherever they are in a .zip file, to `folder`.

    Raises as `unpack`.
    """
    missing = set(names)
    with _reading(path), open_file(path) as file, zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            name = PurePosixPath(member.filename).name
            if name not in missing or member.is_dir():
                continue
            _check_size(path, name, member.file_size)
            with archive.open(member) as content, durable.replacing(folder / name) as made:
                shutil.copyfileobj(content, made)
            missing.remove(name)
    _check_missing(path, missing)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise DataError(f"{shown_path(path)}: damaged archive ({printable(error)})") from None
    except OSError as error:
        raise DataError(
            f"cannot read {shown_path(path)}: {error.strerror or printable(error)}"
        ) from None


def _check_size(path: Path, name: str, size: int) -> None:
    if size > LARGEST:
        raise DataError(f"{shown_path(path)}: {name} has {size:,} bytes, expected {LARGEST:,}")


def _check_missing(path: Path, missing: set[str]) -> None:
    if missing:
        raise DataError(f"{shown_path(path)}: no {', '.join(sorted(missing))} in it")
