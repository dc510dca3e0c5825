"""One chunk of samples on its way through the stages, forwards and back.

A pass is a coroutine: where a stage needs something of all chunks of a batch, it hands in what its
own chunk adds, and goes on when it is sent the total (see `engines.engine`).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from cnntrain.nn.engines.engine import Stage, Views
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.shapes import Array

Result = TypeVar("Result")
Pass = Generator[Any, Any, Result]  # yields what a chunk adds, is sent what all of them give


def completed(one: Pass[Result]) -> Result:
    """The result of a pass that does not stop."""
    try:
        next(one)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise AssertionError("it waits for other chunks")


@dataclass
class ChunkPass:
    """The passes of one chunk through `stages` with parameters `w`.

    alone   whether the chunk is the whole batch, so that a pass never stops

    Results may be scratch arrays, good until the workspace's next chunk.
    """

    stages: Sequence[Stage]
    w: Views
    context: ChunkContext
    alone: bool = True
    caches: list[Any] = field(default_factory=list)

    def forward(self, x: Array) -> Pass[Array]:
        """The output of the last stage for inputs `x`; in training all stages fill their caches."""
        self.caches.clear()
        for stage in self.stages:
            if self._stops(stage):
                self.context.gathered = yield stage.gather(x, self.w, self.context)
            x, cache = stage.forward(x, self.w, self.context)
            self.context.gathered = None
            self.caches.append(cache)
        return x

    def backward(self, dy: Array, dw: Views, first: int) -> Pass[None]:
        """Back-propagation: equations 2 and 3 for k = K, ..., 1, from dl/dx(K) into `dw`.

        first   number of the first stage that something is written for
        """
        for i in reversed(range(first, len(self.stages))):
            stage, cache = self.stages[i], self.caches[i]
            if self._stops(stage):
                added = stage.gather_back(dy, cache, self.w, dw, self.context)
                self.context.gathered = yield added
            dx = stage.backward(dy, cache, self.w, dw, self.context, need_dx=i > first)
            self.context.gathered = None
            if dx is not None:
                dy = dx

    def jvp(self, x: Array, dw: Views) -> Array:
        """The change of the output for a change `dw` of the parameters, to first order:
        dx(k) = dx(k)/dx(k-1) dx(k-1) + dx(k)/dw(k) dw(k) for k = 1, ..., K, with dx(0) = 0.

        x   the inputs of the forward pass before
        """
        dx = np.zeros_like(x)
        for stage, cache in zip(self.stages, self.caches, strict=True):
            dx = stage.jvp(dx, cache, self.w, dw, self.context)
        return dx

    def _stops(self, stage: Stage) -> bool:
        return stage.gathers and self.context.training and not self.alone
