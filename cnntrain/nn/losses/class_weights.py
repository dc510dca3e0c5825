"""Weights of the classes in a loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from cnntrain.nn.shapes import Array
from cnntrain.settings.types import AList, AMapping, AWord, from_list, tagged
from cnntrain.text import nearest, pluralize, printable

Weight = Annotated[float, Field(ge=0, le=1e9)]
ByNumber = Annotated[
    tuple[Weight, ...],
    Field(min_length=1, title="a list with a number >= 0 for each class"),
    from_list,
]
ByName = Annotated[
    dict[str, Weight],
    Field(title="a mapping of names of classes to numbers >= 0"),
]
ClassWeights = Annotated[
    Annotated[Literal["none", "balanced"], AWord]
    | Annotated[ByNumber, AList]
    | Annotated[ByName, AMapping],
    tagged(),
]


class ClassWeightsError(ValueError):
    """Weights that do not fit the classes; `name` is that of the class, "" where there is none."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def for_classes(
    given: str | Sequence[float] | Mapping[str, float], y: Array, names: Sequence[str]
) -> tuple[float, ...]:
    """The weight of each class that `given`, which is not none, stands for.

    y       labels of the training part, whose classes `balanced` weighs against each other: N
            samples, of which n_c are of class c, give it N / (classes n_c); a class without samples
            weighs 1, as does one that a mapping does not name
    names   of the classes

    Raises ClassWeightsError.
    """
    counts = np.bincount(y, minlength=len(names))
    if isinstance(given, str):
        return tuple(len(y) / (len(names) * n) if n else 1.0 for n in counts.tolist())
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                raise ClassWeightsError(_unknown(name, names), name)
        weights = tuple(float(given.get(name, 1.0)) for name in names)
    else:
        weights = tuple(float(weight) for weight in given)
        if len(weights) != len(names):
            raise ClassWeightsError(
                f"found {pluralize(len(weights), 'weight')}, expected one for each of "
                f"{len(names):,} classes"
            )
    if total(np.array(weights), counts) == 0:
        raise ClassWeightsError(
            "all samples of the training part weigh 0 (one class of them needs a weight > 0)"
        )
    return weights


def total(weights: Array, counts: Array) -> float:
    """What so many samples of each class weigh together, whatever their order."""
    return math.fsum((weights * counts).tolist())


def _unknown(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    known = printable(", ".join(names), 200)
    hint = f" (did you mean {printable(near)}?)" if near else ""
    return f"found {printable(name)}, expected names of classes: {known}{hint}"
