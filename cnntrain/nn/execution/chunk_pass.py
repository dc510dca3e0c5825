"""One chunk of samples on its way through the layers, forwards and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers.base import Call, Layer

Array = NDArray[Any]
ByLayer = Sequence[dict[str, Array]]  # parameter arrays by layer and name


@dataclass
class Pass:
    """The passes of one chunk through `layers` with parameters `w`.

    draw   the key (seed, epoch, step, chunk) of random choices, the same in all passes; None
           where `forward` alone follows, which then keeps nothing

    Results may be scratch arrays, good until the workspace's next chunk.
    """

    layers: Sequence[Layer]
    w: ByLayer
    workspace: Workspace
    draw: tuple[int, ...] | None = None
    kept: list[Any] = field(default_factory=list)

    def forward(self, x: Array) -> Array:
        """The output of the last layer for inputs `x`; what the other passes need is kept."""
        self.kept.clear()
        for k, layer in enumerate(self.layers):
            x, memory = layer.forward(x, self.w[k], self.call(k))
            self.kept.append(memory)
        return x

    def backward(self, dy: Array, dw: ByLayer) -> None:
        """Back-propagation: equations 2 and 3 for k = K, ..., 1, from dl/dx(K) into `dw`."""
        first = next((k for k, arrays in enumerate(dw) if arrays), len(self.layers))
        for k in reversed(range(first, len(self.layers))):
            layer, last = self.layers[k], k == first
            dx = layer.backward(dy, self.kept[k], self.w[k], dw[k], self.call(k), not last)
            if dx is not None:
                dy = dx

    def jvp(self, dw: ByLayer) -> Array | None:
        """The change of the last output for a change `dw` of the parameters, to first order:
        dx(k) = dx(k)/dx(k-1) dx(k-1) + dx(k)/dw(k) dw(k) for k = 1, ..., K.  None for zero."""
        dx: Array | None = None
        for k, layer in enumerate(self.layers):
            dx = layer.jvp(dx, self.kept[k], self.w[k], dw[k], self.call(k))
        return dx

    def call(self, k: int) -> Call:
        """What a call of layer number `k` may use."""
        overwrite = k > 0 and self.layers[k - 1].fresh
        if self.draw is None:
            return Call(self.workspace, k, keep=False, overwrite=overwrite)
        return Call(self.workspace, k, True, (*self.draw, k), overwrite)
