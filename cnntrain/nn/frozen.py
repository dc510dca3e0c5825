"""Which layers training leaves as they are, by patterns of their names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from cnntrain.nn.layers.layer import ParameterLayer
from cnntrain.nn.nodes import Node
from cnntrain.text import printable

MOST_NAMES = 20  # of layers in a message


def frozen(nodes: Sequence[Node], patterns: Sequence[str]) -> frozenset[int]:
    """Numbers of the layers with parameters whose name, or that of a block around them, matches one
    of the patterns: * stands for any letters, / among them, ? for one, [ab] for a or b."""
    return frozenset(
        k
        for k, node in enumerate(nodes)
        if _has_parameters(node) and any(_matches(node, pattern) for pattern in patterns)
    )


def problems(nodes: Sequence[Node], patterns: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """What is wrong with the patterns: the index of one, None for all together, and a message."""
    names = [node.name for node in nodes if _has_parameters(node)]
    listed = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    for index, pattern in enumerate(patterns):
        matched = [node for node in nodes if _matches(node, pattern)]
        if not matched:
            what = "which no layer matches"
        elif not any(map(_has_parameters, matched)):
            what = "which matches no layer with parameters"
        else:
            continue
        yield index, f"found {printable(pattern)}, {what}, expected some of {listed}"
    if names and len(frozen(nodes, patterns)) == len(names):
        yield None, f"found patterns of all layers with parameters, {listed}, expected to spare one"


def _has_parameters(node: Node) -> bool:
    return isinstance(node.layer, ParameterLayer)


def _matches(node: Node, pattern: str) -> bool:
    """Whether the pattern matches the layer, or a block that it is in."""
    around = itertools.accumulate(node.name.split("/"), "{}/{}".format)
    return any(fnmatchcase(name, pattern) for name in around)
