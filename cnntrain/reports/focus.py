"""What a report looks at closely, where it cannot look at everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.errors import UsageError
from cnntrain.models.evaluation import Evaluation
from cnntrain.text import argument, nearest, printable

SHOWN = 5  # indices in a message


@dataclass(frozen=True)
class Focus:
    """What somebody has chosen; None: what says most.

    classes   numbers of two or three classes, ascending
    sample    position in the part of a picture
    """

    classes: tuple[int, ...] | None = None
    sample: int | None = None

    @classmethod
    def on(
        cls, evaluated: Evaluation, classes: Sequence[str | int] | None, sample: int | None
    ) -> Focus:
        """The focus on two or three classes by name or number, from 0, and on the sample with an
        index.  Raises UsageError where there is none."""
        return cls(
            None if classes is None else _numbers(evaluated, classes),
            None if sample is None else _position(evaluated, sample),
        )


def _numbers(evaluated: Evaluation, wanted: Sequence[str | int]) -> tuple[int, ...]:
    names = evaluated.class_names
    if names is None:
        raise UsageError(
            f"{argument('classes')} is for classifiers, the targets of this run are real numbers"
        )
    found = sorted({_number(names, str(name).strip()) for name in wanted})
    if len(found) not in (2, 3):
        raise UsageError(f"{argument('classes')} takes two or three classes, found {len(found)}")
    return tuple(found)


def _number(names: Sequence[str], name: str) -> int:
    if name in names:
        return names.index(name)
    if name.isdecimal() and len(name) < 10 and int(name) < len(names):
        return int(name)
    near = nearest(name, names)
    expected = f"expected names, or numbers from 0 to {len(names) - 1}"
    hint = f"did you mean {printable(near)}?" if near else expected
    shown = printable(name) or "''"
    raise UsageError(f"{argument('classes')}: no class {shown} ({hint})")


def _position(evaluated: Evaluation, index: int) -> int:
    part, split = evaluated.part, evaluated.report.split
    shape = part.examples.x.shape[1:]
    if len(shape) != 3:
        raise UsageError(
            f"{argument('sample')} shows a picture, the inputs of this run are vectors"
        )
    position = int(np.searchsorted(part.indices, index))
    if position == len(part) or part.indices[position] != index:
        some = ", ".join(str(i) for i in part.indices[:SHOWN].tolist())
        more = ", ..." if len(part) > SHOWN else ""
        raise UsageError(
            f"{argument('sample')} {index} is not in the {split} part, which has {some}{more} "
            f"({argument('split')} names another part)"
        )
    return position
