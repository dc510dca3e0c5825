"""A batch of a network that is computed by one call in C for several chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.engines.compiled.inputs import readable
from cnntrain.nn.engines.compiled.losses import labels_or_targets, totals
from cnntrain.nn.engines.compiled.program import Program
from cnntrain.nn.engines.compiled.structures import LANES
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.tree import tree_sum
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.samples import Rows
from cnntrain.nn.shapes import Array

FEWEST, MOST = 4, 32  # chunks in a call, which no signal interrupts


@dataclass(frozen=True)
class CompiledBatchPass(BatchPass):
    """Chunks go in groups of 2, 4, 8, ... through `program`: each group is a subtree of the tree
    that their sums are added over."""

    program: Program = field(kw_only=True)

    def outputs(self) -> Array:
        """See `BatchPass.outputs`."""
        outputs, noted = self._room_for_outputs(), self._room_for_statistics()
        for group in self._groups(MOST):
            self._run(group, outputs, None, noted)
        return outputs

    def totals_and_outputs(self) -> tuple[BatchTotals, Array, Array]:
        """See `BatchPass.totals_and_outputs`."""
        outputs, noted = self._room_for_outputs(), self._room_for_statistics()
        found = [
            each
            for group in self._groups(MOST)
            for each in self._totals(group, self._run(group, outputs, None, noted))
        ]
        return tree_sum(found, BatchTotals.__add__), outputs, self._mean_over_samples(noted)

    def totals_and_gradient(self) -> tuple[BatchTotals, Array, Array]:
        """See `BatchPass.totals_and_gradient`."""
        totals_of_chunks: list[BatchTotals] = []
        noted = self._room_for_statistics()

        def gradients() -> Iterator[Array]:
            for group in self._groups(FEWEST):
                found = np.empty((len(group), self.layout.parameters.count), self.w.dtype)
                totals_of_chunks.extend(self._totals(group, self._run(group, None, found, noted)))
                yield found[0]

        gradient = tree_sum(gradients(), np.ndarray.__iadd__)
        for part in self.layout.frozen_parts:
            gradient[part] = 0
        total = tree_sum(totals_of_chunks, BatchTotals.__add__)
        return total, gradient, self._mean_over_samples(noted)

    def _room_for_outputs(self) -> Array:
        """(samples, e)"""
        return np.empty((len(self.samples), self.program.outputs), self.w.dtype)

    def _room_for_statistics(self) -> Array:
        """(chunks, buffers): what each chunk adds to the statistics of the batch."""
        return np.zeros((len(self.chunks), self.layout.buffers.count), self.w.dtype)

    def _mean_over_samples(self, noted: Array) -> Array:
        total: Array = tree_sum(noted, np.ndarray.__iadd__)
        return total / len(self.samples)

    def _groups(self, size: int) -> Iterator[Sequence[Chunk]]:
        """Some chunks at a time: `size` or, where there are more workers, a larger power of two;
        all at once where they need one another."""
        if self.stops:
            size = len(self.chunks)
        while size < self.workers.count:
            size *= 2
        for first in range(0, len(self.chunks), size):
            yield self.chunks[first : first + size]

    def _run(
        self,
        chunks: Sequence[Chunk],
        outputs: Array | None,
        gradients: Array | None,
        noted: Array,
    ) -> Any:
        """The structures of the losses of each chunk; `outputs` and `noted` are those of all, for
        the rest see `Team.run`."""
        size = self.chunks[0].stop - self.chunks[0].start
        members = min(self.workers.count, len(self.chunks))
        under_way = len(chunks) if self.stops else 0
        workspace, groups = self.workers.workspace(), -(-size // LANES)
        team = self.program.team(workspace, members, groups, self.w.dtype, under_way)
        start, stop = chunks[0].start, chunks[-1].stop
        return team.run(
            self._inputs,
            self._targets[start:stop],
            chunks,
            self.w,
            self._drawn,
            None if outputs is None else outputs[start:stop],
            gradients,
            self.share,
            self.buffers,
            None if self.rng_key is None else noted[chunks[0].number : chunks[-1].number + 1],
        )

    def _totals(self, chunks: Sequence[Chunk], losses: Any) -> list[BatchTotals]:
        """What those structures say."""
        of_chunks = (self._targets[chunk.start : chunk.stop] for chunk in chunks)
        return [
            totals(each, self.loss.weight(y)) for each, y in zip(losses, of_chunks, strict=True)
        ]

    @cached_property
    def _inputs(self) -> Rows:
        return readable(self.samples, self.w.dtype)

    @cached_property
    def _drawn(self) -> Array:
        return self.program.drawn(self.rng_key)

    @cached_property
    def _targets(self) -> Array:
        return labels_or_targets(self.samples.targets())
