"""Residual block: what its layers make of the input is added to the input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from cnntrain.nn.layers.block import Block, Inner
from cnntrain.nn.layers.entry import Layers
from cnntrain.nn.layers.joints import Branch, Joint, Sum, Turn
from cnntrain.settings import setting
from cnntrain.settings.types import AList, OrNone


class Residual(Block):
    """Adds what its layers make of the input to the input itself, or to its shortcut.

    y = f(x) + s(x), f being `layers`, one after the other, and s the `shortcut` or, without one,
    the identity (He et al. 2016).  Any shape, the same one for f(x) and s(x).

    The layers are called NAME/conv1 and so on, those of the shortcut NAME/shortcut/conv1.
    """

    also = "add basicblock bottleneck resblock residualblock resnet resnetblock skip skipconnection"
    holds: ClassVar[tuple[str, ...]] = ("layers", "shortcut")

    type: Literal["residual"] = "residual"
    layers: Layers = setting("f: layers, first to last.", also="body branch main path")
    shortcut: OrNone[Annotated[Layers, AList]] = setting(
        "s: layers, first to last, such as {type: conv, filters: 32, kernel: 1, stride: 2} where "
        "`layers` change the shape; none: the identity.",
        "none",
        also="downsample identity project projection skip",
    )

    def program(self) -> Iterator[Inner | Joint]:
        yield Branch()
        yield Inner("layers", "", self.layers)
        if self.shortcut != "none":
            yield Turn()
            yield Inner("shortcut", "shortcut", self.shortcut)
        yield Sum()
