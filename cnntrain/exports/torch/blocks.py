"""The blocks of a network, put together again of the steps in a line that they were laid out in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cnntrain.exports.program import Step
from cnntrain.nn.layers.joints import Branch, Turn


@dataclass(frozen=True)
class Residual:
    """y = f(x) + s(x).

    layers     those of f
    shortcut   those of s; none: the identity
    """

    name: str
    layers: Sequence[Item]
    shortcut: Sequence[Item]


@dataclass(frozen=True)
class Repeat:
    """Some layers several times, one copy after the other."""

    name: str
    copies: Sequence[Sequence[Item]]


@dataclass(frozen=True)
class Single:
    """A layer; its `name` is what it is called within the block that it is in."""

    name: str
    step: Step


Item = Single | Residual | Repeat


def blocks(steps: Sequence[Step], inside: str = "") -> list[Item]:
    """What `steps` consist of, whose names all begin with `inside`."""
    return [_item(name, part, inside) for name, part in _by_word(steps, inside)]


def _item(name: str, steps: Sequence[Step], inside: str) -> Item:
    """What is called `name`: what it holds is called "name/..."."""
    first, within = steps[0], f"{inside}{name}/"
    if first.name == f"{inside}{name}":
        return Single(name, first)
    if isinstance(first.layer, Branch) and first.name == f"{within}branch":
        turn = next(
            (k for k, step in enumerate(steps) if _is_turn_of(step, within)), len(steps) - 1
        )
        shortcut = blocks(steps[turn + 1 : -1], f"{within}shortcut/")
        return Residual(name, blocks(steps[1:turn], within), shortcut)
    copies = [blocks(part, f"{within}{number}/") for number, part in _by_word(steps, within)]
    return Repeat(name, copies)


def _is_turn_of(step: Step, within: str) -> bool:
    return isinstance(step.layer, Turn) and step.name == f"{within}turn"


def _by_word(steps: Sequence[Step], inside: str) -> Iterator[tuple[str, list[Step]]]:
    """The steps by the next word of their names."""
    for word, part in groupby(steps, lambda step: step.name[len(inside) :].partition("/")[0]):
        yield word, list(part)
