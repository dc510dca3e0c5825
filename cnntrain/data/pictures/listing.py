"""Which pictures there are, of which class and in which part, before any is opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnntrain.errors import DataError
from cnntrain.text import pluralize, printable, shown_path

NAMED = 3  # files that a message names of many


@dataclass(frozen=True)
class Picture:
    """One file: what people call it, where it is, and what is said of it.

    label   the name of its class, or a number of a regression as text
    """

    name: str
    path: str
    label: str
    group: str | None = None

    @property
    def order(self) -> bytes:
        """Pictures of a part are sorted by their names, byte for byte."""
        return os.fsencode(self.name)


@dataclass
class Listing:
    """The pictures of each part, sorted, and what there is to warn of.

    classes   in order; None where labels are numbers of a regression
    """

    parts: dict[str, list[Picture]]
    classes: tuple[str, ...] | None
    warnings: list[str] = field(default_factory=list)

    @property
    def pictures(self) -> list[Picture]:
        """All of them, part after part."""
        return [picture for part in self.parts.values() for picture in part]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names of classes as they are numbered: sorted, and by value where all are whole numbers."""
    unique = sorted(set(names))
    if all(is_whole(name) for name in unique):
        unique.sort(key=int)
    return tuple(unique)


def is_whole(name: str) -> bool:
    """Whether a name is a whole number as one writes it."""
    return name.isascii() and name.isdigit() and len(name) < 10 and str(int(name)) == name


def listed(listing: dict[str, list[Picture]], where: Path) -> tuple[str, ...]:
    """The classes of the training part, which all parts share.

    Raises DataError where there are fewer than two, or another part has more.
    """
    classes = in_order(picture.label for picture in listing.get("train", []))
    if len(classes) < 2:
        found = f"one class, {printable(classes[0])}," if classes else "no class"
        raise DataError(
            f"{found} in {shown_path(where)}, expected two or more (a folder of pictures for each: "
            "CLASS/*.jpg, or train/CLASS/*.jpg)"
        )
    known = set(classes)
    for part, pictures in listing.items():
        for picture in pictures:
            if picture.label not in known:
                raise DataError(
                    f"{shown_path(picture.name)} in {shown_path(where)}: the {part} part has a "
                    f"class {printable(picture.label)} that the training part lacks (its classes: "
                    f"{printable(', '.join(classes), 200)})"
                )
    return classes


def some(names: Sequence[str]) -> str:
    """The first of these names, printable."""
    more = ", ..." if len(names) > NAMED else ""
    return ", ".join(shown_path(name) for name in names[:NAMED]) + more


def passed_over(others: Sequence[str], links: Sequence[str]) -> list[str]:
    """Warnings of what is no picture."""
    warnings = []
    if others:
        count = (
            "a file that is no picture"
            if len(others) == 1
            else (f"{len(others):,} files that are no pictures")
        )
        warnings.append(f"passed over {count}: {some(others)}")
    if links:
        warnings.append(f"did not follow {pluralize(len(links), 'link')} to folders: {some(links)}")
    return warnings
