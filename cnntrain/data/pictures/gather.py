"""The pixels of many pictures: decoded where that has not been done yet, and mapped into memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.pictures.cache import Cache, folder_of
from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.pillow import pillow
from cnntrain.data.pictures.renew import Files, Kept, renew
from cnntrain.data.pictures.rows_file import Rows
from cnntrain.data.pictures.stamps import stamps
from cnntrain.errors import StorageError
from cnntrain.text import printable, shown_path

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Gathered:
    """Pixels (n, H, W, C) uint8 of the pictures that can be read, in their order, read-only; and
    by their number among all why the others cannot."""

    pixels: Array
    reasons: dict[int, str]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Rows | None, reasons: dict[int, str], form: Form, *warnings: str) -> Gathered:
        """Those in `rows`; None stands for no picture."""
        none: Array = np.zeros((0, *form.shape), dtype=np.uint8)
        return cls(none if rows is None else rows.pixels, reasons, warnings)


def gather(
    names: Sequence[str], paths: Sequence[str], place: Path, form: Form, cache: str
) -> Gathered:
    """The pixels of pictures, whatever is kept of them.

    names   of them, all different
    place   that they have in common: a directory or a table
    cache   what `data.cache` says

    Raises UsageError without Pillow, StorageError where there is no space for the pixels.
    """
    pillow()
    files = Files([os.fsencode(name) for name in names], list(paths), stamps(paths))
    folder = folder_of(cache)
    if folder is None:
        return _without_cache(None, files, form)
    there = Cache(folder, place, form)
    kept = there.read()
    if kept is not None and kept.holds(files):
        return Gathered.of(kept.rows, {}, form)
    try:
        with there.alone():
            kept = there.read()
            rows, reasons = renew(kept, files, form, there.new_rows, there.made_with)
            if rows is not None:
                readable = [index for index in range(len(names)) if index not in reasons]
                there.write_stamps(Kept(rows, files.stamps[readable]))
            return Gathered.of(rows, reasons, form)
    except OSError as error:
        problem = error.strerror or printable(error)
        warning = (
            f"decoded pictures cannot be kept in {shown_path(folder)} ({problem}), and are decoded "
            "again next time (data.cache names another directory, or none)"
        )
        return _without_cache(kept, files, form, warning)


def _without_cache(kept: Kept | None, files: Files, form: Form, *warnings: str) -> Gathered:
    """In a file that has no name, and goes when nobody looks at its pixels any more."""
    try:
        rows, reasons = renew(kept, files, form, tempfile.TemporaryFile, "")
    except OSError as error:
        where, problem = shown_path(tempfile.gettempdir()), error.strerror or printable(error)
        raise StorageError(
            f"cannot write decoded pictures to {where}: {problem} (data.cache or TMPDIR names a "
            "directory with more space)"
        ) from None
    return Gathered.of(rows, reasons, form, *warnings)
