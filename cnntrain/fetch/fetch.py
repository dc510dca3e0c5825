"""From a name in the catalogue to files that a config can name."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from cnntrain.data.formats.safe_read import unreadable
from cnntrain.errors import DataError, LockedError
from cnntrain.fetch import letters, members, svhn
from cnntrain.fetch.catalogue import DataSet, Download
from cnntrain.fetch.download import Watch, download
from cnntrain.files import open_file
from cnntrain.storage import disk, durable
from cnntrain.text import shown_path

CONVERTERS = {"letters": letters.convert, "svhn": svhn.convert}
WORKSHOP = ".fetch"  # the folder for what is not whole yet
LOCK = ".lock"


@dataclass(frozen=True)
class Fetched:
    """What has become of a data set.

    directory   where its files are
    files       their names
    new         those that were not there before
    data        the section `data` of a config, relative to the working directory
    """

    directory: str
    files: tuple[str, ...]
    new: tuple[str, ...]
    data: Mapping[str, Any]


def fetch(
    wanted: DataSet, directory: Path, mirror: str | None, timeout: float, watch: Watch
) -> Fetched:
    """Get the files of a data set into `directory`; those that are there are left as they are.

    mirror    the address of a folder that has the downloads, instead of those in the catalogue
    timeout   as for `download`

    An interruption leaves whole files or none, and what is downloaded is found again.
    Raises as `download`, and LockedError where another process is at it.
    """
    disk.make_folder(directory)
    with _workshop(directory, [file.name for file in wanted.downloads]) as shop:
        missing = [name for name in wanted.made if not disk.exists(directory / name)]
        kept = wanted.how == "keep"
        needed = [d for d in wanted.downloads if d.name in missing or (missing and not kept)]
        for file in wanted.downloads if kept else ():
            if file not in needed:
                _check(directory / file.name, file)
        for file in needed:
            download(file, [mirror] if mirror else wanted.addresses, shop, timeout, watch)
        files = [shop / file.name for file in needed]
        if missing and wanted.how == "tar":
            members.unpack(files[0], missing, shop)
        elif missing and not kept:
            CONVERTERS[wanted.how](files, shop / missing[0])
        for name in missing:
            durable.move(shop / name, directory / name)
    place = directory / wanted.made[0] if wanted.place == "path" else directory
    data = dict(wanted.data)
    return Fetched(
        str(directory),
        wanted.made,
        tuple(missing),
        {"source": data.pop("source"), wanted.place: str(place), **data},
    )


def _check(path: Path, expected: Download) -> None:
    """Raises DataError where the file at `path`, which was there before, is another one."""
    try:
        with open_file(path) as file:
            digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None
    if digest != expected.sha256:
        raise DataError(
            f"{shown_path(path)} is there already, and is another file (remove it, or choose "
            "another directory)"
        )


@contextlib.contextmanager
def _workshop(directory: Path, downloads: Collection[str]) -> Iterator[Path]:
    """A folder for what is not whole yet, for this process alone.  After an error or an
    interruption those of the downloads that are whole stay in it, for the next time."""
    shop = directory / WORKSHOP
    disk.make_folder(shop)
    lock = FileLock(shop / LOCK)
    with disk.storage_errors(shop, "lock"):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LockedError(
                f"{shown_path(directory)} is in use by another `cnntrain fetch`"
            ) from None
    try:
        _clear(shop, but=downloads)
        yield shop
        _clear(shop, but=())
    finally:
        if [path.name for path in disk.listing(shop)] == [LOCK]:
            disk.remove(shop / LOCK)
        lock.release()
        disk.remove_folder(shop)
        disk.remove_folder(directory)


def _clear(shop: Path, but: Collection[str]) -> None:
    """Remove what an interruption has left."""
    for path in disk.listing(shop):
        if path.name not in (LOCK, *but):
            disk.remove(path)
