"""Checks of `start_from.freeze`: patterns must name layers that could be trained, and not all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnntrain.config.schema import Config
from cnntrain.config.source.positions import Problem, dotted
from cnntrain.nn.frozen import problems
from cnntrain.nn.nodes import Node


def check_freeze(config: Config, nodes: Sequence[Node]) -> Iterator[Problem]:
    """The problems of the patterns, given the network's layers in one line."""
    patterns = () if config.origin is None else config.origin.freeze
    for index, message in problems(nodes, patterns) if patterns else ():
        path = ("start_from", "freeze", *(() if index is None else (index,)))
        yield Problem(path, f"invalid {dotted(path)}, {message}")
