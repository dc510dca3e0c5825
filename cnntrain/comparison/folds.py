"""The folds of a cross-validation: runs that differ in the fold alone belong together, as those do
that differ in the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.text import pluralize

FOLD = "data.fold.index"  # its key in a config


@dataclass(frozen=True)
class Folds:
    """Those that some runs are of: their indices, rising, and how many there are in all."""

    indices: tuple[int, ...]
    of: int

    def __str__(self) -> str:
        """
        >>> str(Folds((0, 1, 2), of=3)), str(Folds((0, 2), of=3))
        ('3 folds', '2 of 3 folds')
        """
        some = "" if len(self.indices) == self.of else f"{len(self.indices)} of "
        return some + pluralize(self.of, "fold")

    @classmethod
    def among(cls, folds: Iterable[tuple[int, int] | None]) -> Folds | None:
        """The folds of runs of which `fold_of` says these; None where they have none."""
        found = {fold for fold in folds if fold is not None}
        if not found:
            return None
        return cls(tuple(sorted(index for index, _ in found)), max(of for _, of in found))


def title(folds: Sequence[Folds | None]) -> str:
    """What to say above means over folds; "" where there are none, or they are not the same."""
    if len(set(folds)) != 1 or (one := folds[0]) is None:
        return ""
    return f"means over {one}" + (", ± how much these differ" if len(one.indices) > 1 else "")


def fold_of(settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """The fold of a run, from 0, and how many there are; None where it is of none."""
    data = settings.get("data")
    fold = data.get("fold") if isinstance(data, Mapping) else None
    if not isinstance(fold, Mapping):
        return None
    index, of = fold.get("index"), fold.get("of")
    return (index, of) if isinstance(index, int) and isinstance(of, int) else None


def without_fold(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the runs of all folds of a cross-validation share."""
    if fold_of(settings) is None:
        return dict(settings)
    data = settings["data"]
    shared = {key: value for key, value in data["fold"].items() if key != "index"}
    return {**settings, "data": {**data, "fold": shared}}
