"""What an argument of `cnntrain predict` stands for: an array, a picture, a folder, or a list on
standard input."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnntrain.errors import DataError
from cnntrain.files import read_bytes

ARRAYS = (".npy", ".npz")
MAGIC = b"\x93NUMPY"  # with which .npy files begin
LONGEST = 2**16  # bytes in a line, more than any path has
INPUT = 0  # the descriptor of standard input


@dataclass(frozen=True)
class Input:
    """An argument, as it was given.

    pictures      names of the files; None stands for a pause in a list that is still being written
    count         how many they are, None where that is not known yet
    notes         on what in a folder is no picture
    is_array      whether it is an array, and no picture at all
    """

    name: str
    pictures: Iterable[str | None] = ()
    count: int | None = 0
    notes: Sequence[str] = ()
    is_array: bool = False

    @classmethod
    def of(cls, name: str, separator: bytes) -> Input:
        """The argument `name`.  Raises DataError for a folder without pictures.

        separator   of names on standard input, for which - stands
        """
        from cnntrain.models.picture_files import pictures_below
        from cnntrain.storage.disk import is_folder

        if name == "-":
            return cls(name, _listed(separator), None)
        if is_folder(Path(name)):
            names, notes = pictures_below(name)
            return cls(name, names, len(names), notes)
        if _is_array(name):
            return cls(name, is_array=True)
        return cls(name, [name], 1)


def total(given: Sequence[Input]) -> int | None:
    """How many pictures there are, None where that is not known yet."""
    counts = [some.count for some in given if some.count is not None]
    return sum(counts) if len(counts) == len(given) else None


def _is_array(name: str) -> bool:
    """By the end of its name or its first bytes."""
    from cnntrain.data.pictures.decode import is_picture

    if name.endswith(ARRAYS):
        return True
    try:
        return not is_picture(name) and read_bytes(name, limit=len(MAGIC)) == MAGIC
    except OSError:
        return False


def _listed(separator: bytes) -> Iterator[str | None]:
    """The names on standard input, as they come; None where the next one keeps one waiting.

    Raises DataError where there is no list.
    """
    rest = b""
    while True:
        if not _is_ready():
            yield None
        piece = os.read(INPUT, LONGEST)
        if not piece:
            break
        *lines, rest = (rest + piece).split(separator)
        yield from (os.fsdecode(line) for line in lines if line)
        if len(rest) > LONGEST:
            raise DataError(
                f"standard input has a line of more than {LONGEST:,} bytes, expected names of files"
            )
    if rest:
        yield os.fsdecode(rest)


def _is_ready() -> bool:
    """Whether there is more to read, or the end."""
    try:
        return bool(select.select([INPUT], [], [], 0)[0])
    except OSError:  # not to be known of every kind of input, on every system
        return True
