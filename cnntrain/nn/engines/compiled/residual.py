"""Residual blocks in a run of parts: where their joints are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.nn.engines.compiled.parts import JointPart, Part
from cnntrain.nn.engines.compiled.parts.conv import ConvPart
from cnntrain.nn.layers.joints import Branch, Turn


@dataclass(frozen=True)
class Block:
    """The numbers of its joints.

    turn    None: there is none
    there   the first part after the turn if it takes x from where it waits: a convolution that
            wants no padding of its own around it
    """

    branch: int
    turn: int | None
    sum: int
    there: int | None


def residual_blocks(parts: Sequence[Part]) -> list[Block]:
    """All blocks, inner ones before those around them."""
    found: list[Block] = []
    stack: list[tuple[int, int | None]] = []
    for i, part in enumerate(parts):
        if not isinstance(part, JointPart):
            continue
        if isinstance(part.joint, Branch):
            stack.append((i, None))
        elif isinstance(part.joint, Turn):
            stack.append((stack.pop()[0], i))
        else:
            branch, turn = stack.pop()
            there = None
            if turn is not None and _takes_it_there(parts[turn], parts[turn + 1]):
                there = turn + 1
            found.append(Block(branch, turn, i, there))
    return found


def _takes_it_there(turn: Part, after: Part) -> bool:
    return isinstance(after, ConvPart) and after.room == after.input and not turn.flat
