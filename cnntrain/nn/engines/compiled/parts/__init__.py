"""Which layers are computed together in C, and what their functions are given: one kind of part a
file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from cnntrain.nn.engines.compiled.parts.batch_norm import batch_norm
from cnntrain.nn.engines.compiled.parts.conv import conv
from cnntrain.nn.engines.compiled.parts.dense import dense
from cnntrain.nn.engines.compiled.parts.dropout import dropout
from cnntrain.nn.engines.compiled.parts.flatten import flatten
from cnntrain.nn.engines.compiled.parts.group_norm import group_norm
from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.point import FUNCTIONS, point
from cnntrain.nn.engines.compiled.parts.pool import pool
from cnntrain.nn.engines.compiled.parts.site import Site, Way
from cnntrain.nn.engines.compiled.parts.softmax import softmax
from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    Layer,
    MaxPool,
    Softmax,
)
from cnntrain.nn.shapes import Shape

__all__ = ["Part", "parts"]

# By the layer that a part begins with; None where there is no kernel for that.
KINDS: dict[type[Layer], Callable[[Site], Part | None]] = {
    Conv: conv,
    Dense: dense,
    MaxPool: pool,
    AvgPool: pool,
    BatchNorm: batch_norm,
    Dropout: dropout,
    Flatten: flatten,
    GroupNorm: group_norm,
    Softmax: softmax,
    **dict.fromkeys(FUNCTIONS, point),
}


def parts(
    layers: Sequence[Layer], shapes: Sequence[Shape], way: Way, frozen: Collection[int] = ()
) -> list[Part | int]:
    """The layers of a network as parts, in order, and the numbers of those that stay in NumPy.

    way      as `compute.conv`
    frozen   numbers of layers that training leaves as they are
    """
    result: list[Part | int] = []
    k = 0
    while k < len(layers):
        last = result[-1] if result else None
        if type(layers[k]) is Flatten and isinstance(last, Part):  # which changes nothing in memory
            result[-1] = replace(last, layers=range(last.layers.start, k + 1), flat=True)
            k += 1
            continue
        kind = KINDS.get(type(layers[k]))
        found = kind(Site(layers, shapes, way, k, frozen)) if kind else None
        result.append(k if found is None else found)
        k = k + 1 if found is None else found.layers.stop
    return result
