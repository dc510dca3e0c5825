"""Blocks: layers that are written as one, and computed one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnntrain.nn.layers.entry import Entry
from cnntrain.nn.layers.joints import Joint


class Inner(NamedTuple):
    """Layers of a block that follow one another.

    key      the setting that holds them
    folder   what stands between the block's name and theirs: "" or, say, "shortcut"
    """

    key: str
    folder: str
    layers: Sequence[Entry]


class Block(Entry):
    """Layers with a name in common: those of `block1` are called block1/conv1, block1/relu1, ..."""

    @abstractmethod
    def program(self) -> Iterator[Inner | Joint]:
        """What it is when it is laid out, first to last."""
