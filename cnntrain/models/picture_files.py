"""Which files are the pictures in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from cnntrain.data.pictures.decode import is_picture
from cnntrain.data.safe_read import unreadable
from cnntrain.errors import DataError
from cnntrain.text import pluralize, shown_path


@dataclass(frozen=True)
class PictureFiles:
    """The pictures in a folder and the folders below it, by the suffixes of their names, with how
    many `hidden` entries and `others` were passed over."""

    names: tuple[str, ...]
    hidden: int
    others: int

    @property
    def passed_over(self) -> str:
        """What was passed over, in words; "" where nothing was."""
        hidden = f"{self.hidden:,} hidden" if self.hidden else ""
        others = pluralize(self.others, "other file") if self.others else ""
        return " and ".join(text for text in (hidden, others) if text)


def pictures_below(folder: str) -> PictureFiles:
    """The pictures below `folder`, in the order of their names, folder by folder.

    Links to files are followed, those to folders are not.  Raises DataError where a folder cannot
    be read, or there is no picture.
    """
    names, hidden, others = [], 0, 0
    for entry in _entries(folder):
        if entry.name.startswith("."):
            hidden += 1
        elif is_picture(entry.name) and entry.is_file():
            names.append(entry.path)
        else:
            others += 1
    found = PictureFiles(tuple(names), hidden, others)
    if not names:
        beside = f" (found {found.passed_over})" if found.passed_over else ""
        raise DataError(f"no pictures in {shown_path(folder)}{beside}")
    return found


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """All entries below `folder` but folders; of hidden folders, the folder itself."""
    waiting = _listed(folder)
    while waiting:
        entry = waiting.pop()
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            waiting += _listed(entry.path)
        else:
            yield entry


def _listed(folder: str) -> list[os.DirEntry[str]]:
    """What is in `folder`, in reverse order."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        raise unreadable(folder, error) from None
