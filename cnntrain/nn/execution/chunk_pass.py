"""One chunk of samples on its way through the stages, forwards and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnntrain.nn.engines.engine import Stage, Views
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.shapes import Array


@dataclass
class ChunkPass:
    """The passes of one chunk through `stages` with parameters `w`.

    Results may be scratch arrays, good until the workspace's next chunk.
    """

    stages: Sequence[Stage]
    w: Views
    context: ChunkContext
    caches: list[Any] = field(default_factory=list)

    def forward(self, x: Array) -> Array:
        """The output of the last stage for inputs `x`; in training all stages fill their caches."""
        self.caches.clear()
        for stage in self.stages:
            x, cache = stage.forward(x, self.w, self.context)
            self.caches.append(cache)
        return x

    def backward(self, dy: Array, dw: Views) -> None:
        """Back-propagation: equations 2 and 3 for k = K, ..., 1, from dl/dx(K) into `dw`."""
        with_parameters = (
            i for i, stage in enumerate(self.stages) if any(dw[k] for k in stage.layers)
        )
        first = next(with_parameters, len(self.stages))  # below it there is nothing to write
        for i in reversed(range(first, len(self.stages))):
            stage, cache = self.stages[i], self.caches[i]
            dx = stage.backward(dy, cache, self.w, dw, self.context, need_dx=i > first)
            if dx is not None:
                dy = dx

    def jvp(self, x: Array, dw: Views) -> Array:
        """The change of the output for a change `dw` of the parameters, to first order:
        dx(k) = dx(k)/dx(k-1) dx(k-1) + dx(k)/dw(k) dw(k) for k = 1, ..., K, with dx(0) = 0.

        x   the inputs, which do not change
        """
        dx = np.zeros_like(x)
        for stage, cache in zip(self.stages, self.caches, strict=True):
            dx = stage.jvp(dx, cache, self.w, dw, self.context)
        return dx
