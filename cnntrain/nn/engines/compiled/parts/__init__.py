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
from cnntrain.nn.engines.compiled.parts.joint import JointPart, joint
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
from cnntrain.nn.layers.joints import Branch, Joint, Sum, Turn
from cnntrain.nn.shapes import Shape

__all__ = ["JointPart", "Part", "parts"]

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
    **dict.fromkeys((Branch, Turn, Sum), joint),
}


def parts(
    layers: Sequence[Layer], shapes: Sequence[Shape], way: Way, frozen: Collection[int] = ()
) -> list[Part | int]:
    """The layers of a network as parts, in order, and the numbers of those that stay in NumPy.

    way      as `compute.conv`
    frozen   numbers of layers that training leaves as they are
    """
    plain: set[int] = set()  # joints that stay in NumPy
    while True:
        found = _parts(layers, shapes, way, frozen, plain)
        more = _joints_around(layers, {item for item in found if isinstance(item, int)}) - plain
        if not more:
            return _with_room_to_branch(found)
        plain |= more


def _parts(
    layers: Sequence[Layer],
    shapes: Sequence[Shape],
    way: Way,
    frozen: Collection[int],
    plain: Collection[int],
) -> list[Part | int]:
    """See `parts`; those in `plain` stay in NumPy."""
    result: list[Part | int] = []
    k = 0
    while k < len(layers):
        last = result[-1] if result else None
        if type(layers[k]) is Flatten and isinstance(last, Part) and not last.passes_on:
            # which changes nothing in memory
            result[-1] = replace(last, layers=range(last.layers.start, k + 1), flat=True)
            k += 1
            continue
        kind = None if k in plain else KINDS.get(type(layers[k]))
        found = kind(Site(layers, shapes, way, k, frozen)) if kind else None
        result.append(k if found is None else found)
        k = k + 1 if found is None else found.layers.stop
    return result


def _joints_around(layers: Sequence[Layer], plain: Collection[int]) -> set[int]:
    """The joints of all blocks with a layer in NumPy."""
    found: set[int] = set()
    open_blocks: list[list[int]] = []  # their joints
    for k, layer in enumerate(layers):
        if isinstance(layer, Branch):
            open_blocks.append([])
        if isinstance(layer, Joint):
            open_blocks[-1].append(k)
        first = open_blocks[-1][0] if open_blocks else k
        if isinstance(layer, Sum):
            joints = open_blocks.pop()
            if any(first <= number <= k for number in plain):
                found |= set(joints)
    return found


def _with_room_to_branch(items: list[Part | int]) -> list[Part | int]:
    """A part that passes on its input has it where the next part wants it."""
    for index in reversed(range(len(items) - 1)):
        part, after = items[index], items[index + 1]
        if isinstance(part, Part) and part.passes_on and isinstance(after, Part):
            items[index] = replace(part, room=after.room, before=after.before)
    return items
