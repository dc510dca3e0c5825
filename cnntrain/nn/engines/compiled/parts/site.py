"""Where in a network a part may begin."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cnntrain.nn.layers import Layer
from cnntrain.nn.shapes import Shape

Way = Literal["auto", "im2col", "winograd"]  # `compute.conv`


@dataclass(frozen=True)
class Site:
    """Layer `k` of `layers`, and those that follow.

    shapes   of one sample: of the input, and of the output of each layer
    way      how convolutions are to be computed
    frozen   numbers of layers that training leaves as they are
    """

    layers: Sequence[Layer]
    shapes: Sequence[Shape]
    way: Way
    k: int
    frozen: Collection[int] = ()

    @property
    def layer(self) -> Any:
        """The one that a part would begin with."""
        return self.layers[self.k]

    @property
    def input(self) -> Shape:
        """Of that layer."""
        return self.shapes[self.k]

    def after(self, count: int) -> Layer | None:
        """The layer so many further on, if there is one."""
        return self.layers[self.k + count] if self.k + count < len(self.layers) else None

    def fields(self, count: int = 1) -> dict[str, Any]:
        """Those that every part of so many layers has, without padding."""
        return {
            "layers": range(self.k, self.k + count),
            "number": self.k,
            "input": self.input,
            "output": self.shapes[self.k + count],
            "room": self.input,
            "fixed": self.k in self.frozen,
        }
