"""Layers several times over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from cnntrain.nn.layers.block import Block, Inner
from cnntrain.nn.layers.entry import Layers
from cnntrain.nn.layers.joints import Joint
from cnntrain.settings import setting
from cnntrain.settings.types import Count


class Repeat(Block):
    """The same layers several times in a row, each time with parameters of their own.

    y = f_n( ... f_2(f_1(x))), f being `layers`, one after the other.

    The layers are called NAME/1/conv1 and so on, then NAME/2/conv1, ...
    """

    also = "blocks loop repeated stack stage"
    holds: ClassVar[tuple[str, ...]] = ("layers",)

    type: Literal["repeat"] = "repeat"
    times: Count = setting("How often.", also="count depth n num number repeats repetitions")
    layers: Layers = setting("Layers, first to last.", also="body")

    def program(self) -> Iterator[Inner | Joint]:
        for number in range(1, self.times + 1):
            yield Inner("layers", str(number), self.layers)
