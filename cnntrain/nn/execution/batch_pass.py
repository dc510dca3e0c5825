"""A batch on its way through the stages: chunk by chunk, on any number of threads.

What adds up over samples is added over the tree of chunk numbers, whoever computed the chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from cnntrain.nn.engines.engine import Stage
from cnntrain.nn.execution.chunk_pass import ChunkPass
from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.context import ChunkContext, StepKey
from cnntrain.nn.execution.tree import tree_sum
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.losses import BatchTotals, Loss
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array

Result = TypeVar("Result")


@dataclass(frozen=True)
class BatchPass:
    """The passes of `samples`, cut into `chunks`, through `stages` with parameters `w`.

    rng_key   makes them training passes; None: nothing is kept, no random choice is made
    """

    stages: Sequence[Stage]
    parameters: Parameters
    loss: Loss
    workers: Workers
    w: Array
    samples: Samples
    chunks: Sequence[Chunk]
    rng_key: StepKey | None = None

    def outputs(self) -> Array:
        """The network's outputs, (N, e)."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> Array:
            return self.loss.outputs(chunk.forward(x)).T.copy()

        return np.concatenate(list(self._by_chunk(work)))

    def totals_and_outputs(self) -> tuple[BatchTotals, Array]:
        """Totals over the samples, and the outputs (N, e)."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> tuple[BatchTotals, Array]:
            z = chunk.forward(x)
            p = self.loss.outputs(z)
            return BatchTotals.of(self.loss.values(z, y), p, y), p.T.copy()

        totals, outputs = zip(*self._by_chunk(work), strict=True)
        return tree_sum(totals, BatchTotals.__add__), np.concatenate(outputs)

    def totals_and_gradient(self) -> tuple[BatchTotals, Array]:
        """Totals over the samples, and the gradient of their mean loss."""

        def work(chunk: ChunkPass, x: Array, y: Array) -> tuple[BatchTotals, Array]:
            z = chunk.forward(x)
            totals, dz = self.loss.totals_and_gradient(z, y)
            return totals, self._back_propagated(chunk, dz)

        return tree_sum(self._by_chunk(work), _add)

    def gauss_newton(self, v: Array) -> Array:
        """The product of the Gauss-Newton matrix with `v` (see `Network.gauss_newton`)."""
        direction = self.parameters.views(v.astype(self.w.dtype, copy=False))

        def work(chunk: ChunkPass, x: Array, y: Array) -> Array:
            z = chunk.forward(x)
            curved = self.loss.hessian_product(z, y, chunk.jvp(x, direction))
            return self._back_propagated(chunk, curved)

        return tree_sum(self._by_chunk(work), np.ndarray.__iadd__)

    def _by_chunk(self, work: Callable[[ChunkPass, Array, Array], Result]) -> Iterator[Result]:
        """`work` on each chunk, given its inputs and its labels or targets, in chunk order."""
        views, training = self.parameters.views(self.w), self.rng_key is not None

        def run(chunk: Chunk, workspace: Workspace) -> Result:
            x, y = self.samples.chunk(chunk.start, chunk.stop, self.w.dtype)
            context = ChunkContext(workspace, training, self.rng_key or (), chunk.start)
            return work(ChunkPass(self.stages, views, context), x, y)

        return self.workers.map(run, self.chunks)

    def _back_propagated(self, chunk: ChunkPass, dz: Array) -> Array:
        """The chunk's part of the gradient of a mean, given the derivatives of each sample's term
        by the input of the loss."""
        dz *= 1 / len(self.samples)
        gradient = np.empty_like(self.w)
        chunk.backward(dz, self.parameters.views(gradient))
        return gradient


def _add(a: tuple[BatchTotals, Array], b: tuple[BatchTotals, Array]) -> tuple[BatchTotals, Array]:
    """Totals and gradient of two sets of samples, in the memory of the first."""
    return a[0] + b[0], np.add(a[1], b[1], out=a[1])
