"""Which files are the pictures in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from cnntrain.data.pictures.folders import Walk
from cnntrain.data.pictures.listing import passed_over
from cnntrain.errors import DataError
from cnntrain.text import shown_path


def pictures_below(folder: str) -> tuple[list[str], list[str]]:
    """The pictures in `folder` and in all folders in it, sorted by their names, and what is to be
    said of others that are there.

    As in training, hidden files and those that are no pictures by their names are passed over, and
    links to folders are not followed.  Raises DataError where a folder cannot be read, or there is
    no picture.
    """
    walk = Walk(Path(folder))
    names = sorted(walk.below(""), key=os.fsencode)
    others = passed_over(sorted(walk.others), sorted(walk.links))
    if not names:
        beside = f" ({'; '.join(others)})" if others else ""
        raise DataError(f"no pictures in {shown_path(folder)}{beside}")
    return [f"{folder.rstrip('/')}/{name}" for name in names], others
