"""A batch on its way through the stages: chunk by chunk, on any number of threads.

What adds up over samples is added over the tree of chunk numbers, whoever computed the chunks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

import numpy as np

from cnntrain.nn.engines.engine import Stage
from cnntrain.nn.execution.chunk_pass import ChunkPass, Pass, completed
from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.context import ChunkContext, StepKey
from cnntrain.nn.execution.tree import tree_sum
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import BatchTotals, Loss
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array

Result = TypeVar("Result")
Work = Callable[[ChunkPass, Array, Array], Pass[Result]]


@dataclass(frozen=True)
class BatchPass:
    """The passes of `samples`, cut into `chunks`, through `stages` with parameters `w`.

    buffers   what layers have beside parameters; None: nothing will ask for them
    rng_key   makes them training passes; None: nothing is kept, no random choice is made
    """

    stages: Sequence[Stage]
    layout: Layout
    loss: Loss
    workers: Workers
    w: Array
    buffers: Array | None
    samples: Samples
    chunks: Sequence[Chunk]
    rng_key: StepKey | None = None

    def outputs(self) -> Array:
        """The network's outputs, (N, e)."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> Pass[Array]:
            z = yield from chunk.forward(x)
            return self.loss.outputs(z).T.copy()

        return np.concatenate(list(self._by_chunk(work)))

    def totals_and_outputs(self) -> tuple[BatchTotals, Array, Array]:
        """Totals over the samples, the outputs (N, e), and the statistics of the batch (see
        `Network.next_buffers`)."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> Pass[tuple[BatchTotals, Array, Array]]:
            z = yield from chunk.forward(x)
            p = self.loss.outputs(z)
            return self.loss.totals(z, p, y), p.T.copy(), self._statistics(chunk)

        totals, outputs, statistics = zip(*self._by_chunk(work), strict=True)
        return (
            tree_sum(totals, BatchTotals.__add__),
            np.concatenate(outputs),
            tree_sum(statistics, np.ndarray.__iadd__),
        )

    def totals_and_gradient(self) -> tuple[BatchTotals, Array, Array]:
        """Totals over the samples, the gradient of their mean loss, and statistics as above."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> Pass[tuple[BatchTotals, Array, Array]]:
            z = yield from chunk.forward(x)
            totals, dz = self.loss.totals_and_gradient(z, y)
            gradient = yield from self._back_propagated(chunk, dz)
            return totals, gradient, self._statistics(chunk)

        return tree_sum(self._by_chunk(work), _add)

    def gauss_newton(self, v: Array) -> Array:
        """The product of the Gauss-Newton matrix with `v` (see `Network.gauss_newton`)."""
        direction = self.layout.parameters.views(v.astype(self.w.dtype, copy=False))

        def work(chunk: ChunkPass, x: Array, y: Array) -> Pass[Array]:
            z = yield from chunk.forward(x)
            curved = self.loss.hessian_product(z, y, chunk.jvp(x, direction))
            return (yield from self._back_propagated(chunk, curved))

        return tree_sum(self._by_chunk(work), np.ndarray.__iadd__)

    @cached_property
    def share(self) -> float:
        """What each sample's term is multiplied by in the mean."""
        return self.loss.share(self.samples.targets())

    # Chunks ----------------------------------------------------------------------------------

    @property
    def stops(self) -> bool:
        """Whether passes stop on their way, until all chunks have come as far."""
        several = len(self.chunks) > 1 and self.rng_key is not None
        return several and any(stage.gathers for stage in self.stages)

    def _by_chunk(self, work: Work[Result]) -> Iterator[Result]:
        """`work` on each chunk, given its inputs and its labels or targets, in chunk order."""
        views = self.layout.views(self.w, self.buffers)

        def begin(chunk: Chunk, workspace: Workspace) -> Pass[Result]:
            x, y = self.samples.chunk(chunk.start, chunk.stop, self.w.dtype)
            noted = self.layout.buffers.views(np.zeros(self.layout.buffers.count, self.w.dtype))
            training = self.rng_key is not None
            context = ChunkContext(workspace, training, self.rng_key or (), chunk.start, noted)
            return work(ChunkPass(self.stages, views, context, len(self.chunks) == 1), x, y)

        if self.stops:
            return iter(self._side_by_side(begin))
        return self.workers.map(lambda *given: completed(begin(*given)), self.chunks)

    def _side_by_side(self, begin: Callable[[Chunk, Workspace], Pass[Result]]) -> list[Result]:
        """All passes from stop to stop, each with memory of its own."""
        own = self.workers.workspaces(len(self.chunks))
        passes = list(self.workers.map(lambda k, _: begin(self.chunks[k], own[k]), range(len(own))))
        total: Any = None
        while True:
            stops = list(self.workers.map(partial(_go_on, total=total), passes))
            if all(stop.ended for stop in stops):
                return [stop.result for stop in stops]
            total = tree_sum((stop.added for stop in stops), operator.add)

    def _statistics(self, chunk: ChunkPass) -> Array:
        """What its layers have noted, as the chunk's part of a mean over samples."""
        noted = [array.ravel() for layer in chunk.context.statistics for array in layer.values()]
        return np.concatenate([np.zeros(0, self.w.dtype), *noted]) / len(self.samples)

    def _back_propagated(self, chunk: ChunkPass, dz: Array) -> Pass[Array]:
        """The chunk's part of the gradient of a mean, given the derivatives of each sample's term
        by the input of the loss; 0 for what is frozen."""
        dz *= self.share
        gradient = np.empty_like(self.w)
        dw, trained = self.layout.parameters.views(gradient), self.layout.trained
        first = next(
            (i for i, stage in enumerate(self.stages) if trained & set(stage.layers)),
            len(self.stages),
        )
        yield from chunk.backward(dz, dw, first)
        for part in self.layout.frozen_parts:
            gradient[part] = 0
        return gradient


@dataclass(frozen=True)
class _Stop(Generic[Result]):
    """Where a pass has come: to a stop with something `added`, or to its end."""

    ended: bool
    added: Any = None
    result: Any = None


def _go_on(one: Pass[Result], _: Workspace, total: Any) -> _Stop[Result]:
    """Send a pass on, with the total that it has waited for."""
    try:
        return _Stop(False, added=one.send(total))
    except StopIteration as end:
        return _Stop(True, result=end.value)


def _add(
    a: tuple[BatchTotals, Array, Array], b: tuple[BatchTotals, Array, Array]
) -> tuple[BatchTotals, Array, Array]:
    """Of two sets of samples together, in the memory of the first."""
    return a[0] + b[0], np.add(a[1], b[1], out=a[1]), np.add(a[2], b[2], out=a[2])
