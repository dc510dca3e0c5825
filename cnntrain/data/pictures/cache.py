"""Where decoded pictures are kept between runs.

Two files for each set of pictures and form: the rows, which follow from the content of the
pictures, and the stamps of their files, which save reading these again.  Without the stamps, or
with others, every picture is read and known by its digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from cnntrain.data.pictures.decode import VERSION
from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.pillow import pillow_version
from cnntrain.data.pictures.renew import Kept
from cnntrain.data.pictures.rows_file import Rows, read_rows, replacing
from cnntrain.files import read_bytes
from cnntrain.waiting import tell

Array = NDArray[Any]
WAITING = "waiting for another process that decodes these pictures"


def folder_of(setting: str) -> Path | None:
    """The folder that `data.cache` stands for; None for none."""
    if setting == "none":
        return None
    if setting != "auto":
        return Path(setting)
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        base = given if given.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # there is no home
        return None
    return base / "cnntrain" / "pictures"


class Cache:
    """The files of one set of pictures in one form, in a folder.

    place   what tells this set from others: a directory or a table
    """

    def __init__(self, folder: Path, place: Path, form: Form) -> None:
        key = json.dumps([os.path.realpath(place), asdict(form)])
        stem = hashlib.sha256(key.encode()).hexdigest()[:32]
        self.rows, self.stamps = folder / f"{stem}.rows", folder / f"{stem}.stamps"
        self.form = form
        self.made_with = json.dumps([VERSION, pillow_version(), asdict(form)])

    def read(self) -> Kept | None:
        """What is kept, None where there is nothing that is whole."""
        rows = read_rows(self.rows, self.made_with, self.form.shape)
        return None if rows is None else Kept(rows, self._stamps(rows))

    def _stamps(self, rows: Rows) -> Array:
        """The stamps of the files when these rows were made, (N, 4); zeros where they are not
        known."""
        with contextlib.suppress(OSError, ValueError):
            content, identity = read_bytes(self.stamps, links=False), _identity(rows)
            if content.startswith(identity):
                found = np.frombuffer(content[len(identity) :], dtype="<i8")
                return found.reshape(len(rows.names), 4).astype(np.int64)
        return np.zeros((len(rows.names), 4), dtype=np.int64)

    def new_rows(self) -> AbstractContextManager[BinaryIO]:
        """A file that takes the place of the rows.  Raises OSError."""
        return replacing(self.rows)

    def write_stamps(self, kept: Kept) -> None:
        """Keep the stamps, where they are others.  Raises OSError."""
        if (self._stamps(kept.rows) != kept.stamps).any():
            with replacing(self.stamps) as file:
                file.write(_identity(kept.rows) + kept.stamps.astype("<i8").tobytes())

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While entered, no other process writes these files.  Raises OSError."""
        self.rows.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.rows.with_suffix(".lock"))
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                tell(WAITING, 0, 0)
                lock.acquire()
        except NotImplementedError as error:  # the file system has no locks
            raise OSError(0, str(error)) from None
        try:
            yield
        finally:
            lock.release()


def _identity(rows: Rows) -> bytes:
    return hashlib.sha256(rows.behind).digest()
