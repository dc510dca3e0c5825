"""A whole network in one call: what batch.h is given."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from ctypes import addressof, byref
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.functions import Function, functions, where
from cnntrain.nn.engines.compiled.inputs import Source
from cnntrain.nn.engines.compiled.losses import InC
from cnntrain.nn.engines.compiled.memory import Memory
from cnntrain.nn.engines.compiled.parts import Part
from cnntrain.nn.engines.compiled.stages import Run
from cnntrain.nn.engines.compiled.structures import (
    LANES,
    BatchC,
    ImageC,
    KindC,
    LossC,
    address,
    aligned_zeros,
)
from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layout import Layout
from cnntrain.nn.samples import Rows
from cnntrain.nn.shapes import Array


@dataclass(frozen=True, eq=False)
class Program:
    """The stages of a network all of whose layers, and whose loss, have kernels."""

    run: Run
    loss: InC
    layout: Layout

    @property
    def parts(self) -> Sequence[Part]:
        """Its stages."""
        return self.run.parts

    @property
    def outputs(self) -> int:
        """e, of the network."""
        return self.parts[-1].handed_on[0]

    @cached_property
    def offsets(self) -> list[dict[str, int]]:
        """Where the parameters of each stage begin in the flat vector, by their names."""
        found = {(entry.layer, entry.name): entry.start for entry in self.layout.parameters}
        return [
            {name: start for (layer, name), start in found.items() if layer == part.number}
            for part in self.parts
        ]

    @cached_property
    def buffers(self) -> list[int]:
        """Where the buffers of each stage begin in their vector; -1: it has none."""
        found = {entry.layer: entry.start for entry in reversed(self.layout.buffers.entries)}
        return [found.get(part.number, -1) for part in self.parts]

    @cached_property
    def gathered(self) -> list[int]:
        """Where each stage gathers, and how much all do."""
        return list(accumulate((part.gathered for part in self.parts), initial=0))

    def drawn(self, rng_key: tuple[int, ...] | None) -> Array:
        """What is drawn for a step, stage by stage; see `Part.drawn`."""
        if rng_key is None:
            return self._undrawn
        return np.concatenate([part.drawn(rng_key) for part in self.parts])

    @cached_property
    def _undrawn(self) -> Array:
        """What stands in its place where nothing is drawn."""
        return np.concatenate([part.drawn(None) for part in self.parts])

    def team(
        self, workspace: Workspace, members: int, groups: int, dtype: DTypeLike, chunks: int = 0
    ) -> Team:
        """Memory of so many workers, for chunks of up to `groups` groups of samples.

        chunks   that are under way at once, and need memory of their own; 0: workers have theirs
        """
        key = self, np.dtype(dtype), chunks > 0
        team: Team | None = workspace.kept.get(key)
        if team is not None:
            members, groups, chunks = map(max, (members, groups, chunks), team.sizes)
        if team is None or (members, groups, chunks) != team.sizes:
            team = workspace.kept[key] = Team(self, members, groups, dtype, chunks)
        return team


class Team:
    """The memory of several workers, and the structures that point to it; see `Program.team`."""

    def __init__(
        self, program: Program, members: int, groups: int, dtype: DTypeLike, chunks: int
    ) -> None:
        self.program, self.sizes = program, (members, groups, chunks)
        found, parts = functions(program.run.library, np.dtype(dtype)), program.parts
        first = Memory(parts, groups, dtype, found)
        others = (
            Memory(parts, groups, dtype, found, first) for _ in range(max(members, chunks) - 1)
        )
        self.memories = [first, *others]
        before = accumulate((part.draws for part in parts), initial=0)
        self._kinds = (KindC * len(parts))(
            *(
                KindC(
                    forward=where(found[part.forward]),
                    backward=where(found[part.backward]),
                    prepare=where(found[f"{part.function}_prepare"]) if part.prepares else None,
                    weight=own.get("weight", -1),
                    bias=own.get("bias", -1),
                    drawn=drawn,
                    buffers=buffers,
                    gathered=gathered,
                    gathers=part.gathered,
                    fixed=part.fixed,
                    **_gathering(found, part),
                )
                for part, own, drawn, buffers, gathered in zip(
                    parts, program.offsets, before, program.buffers, program.gathered, strict=False
                )
            )
        )
        arguments = [addressof(given) for memory in self.memories for given in memory.arguments]
        self._stages = (ctypes.c_void_p * len(arguments))(*arguments)
        self._first = (ImageC * len(self.memories))(*(memory.first for memory in self.memories))
        scratch = [address(memory.scratch) for memory in self.memories[:members]]
        self._scratch = (ctypes.c_void_p * members)(*scratch)
        trained = program.layout.trained
        with_parameters = (k for k, part in enumerate(parts) if part.number in trained)
        self.given: Any = BatchC(
            stages=len(parts),
            kinds=addressof(self._kinds),
            memory_by_chunk=chunks > 0,
            memories=addressof(self._stages),
            first=addressof(self._first),
            scratch=addressof(self._scratch),
            lose=where(found[program.loss.kernel]),
            below=next(with_parameters, len(parts)),
            count=program.layout.parameters.count,
            buffer_count=program.layout.buffers.count,
            gathered_count=program.gathered[-1],
        )
        self._run = found["batch"]
        self._source: Source | None = None
        self._values = aligned_zeros((0,), dtype)

    def run(
        self,
        inputs: Rows,
        y: Array,
        chunks: Sequence[Chunk],
        w: Array,
        drawn: Array,
        outputs: Array | None,
        gradients: Array | None,
        share: float,
        buffers: Array | None,
        statistics: Array | None,
    ) -> Any:
        """Compute some successive `chunks`; the structures of their losses.

        y           labels or targets of these, as C wants them
        drawn       see `Program.drawn`
        outputs     (samples, e), to be filled; or None
        gradients   (chunks, parameters), of which the first becomes the gradient; None: no training
        share       of each sample in the risk
        buffers     of the network, where they are needed
        statistics  (chunks, buffers), what each chunk adds to those of the batch, to be filled;
                    None: no random choices are made, and all stages take `buffers`
        """
        start, size = chunks[0].start, chunks[0].stop - chunks[0].start
        given, count = self.given, len(chunks)
        given.samples, given.chunks, given.chunk_size = chunks[-1].stop - start, count, size
        given.members = self.sizes[0]
        if self._source is None or not self._source.serves(inputs):
            self._source = Source.of(inputs, self._values.dtype)
        given.inputs = self._source.given
        given.inputs.at, given.inputs.rows = address(inputs.x), address(inputs.numbers[start:])
        room = -(-size // LANES) * LANES
        if self._values.size < count * room:
            self._values = aligned_zeros((count * room,), self._values.dtype)
        losses: Any = (LossC * count)()
        template = self.program.loss.structure(self.program.outputs, y)
        template.trains, template.share = gradients is not None, share
        for k in range(count):
            losses[k] = template
            losses[k].values = address(self._values[k * room :])
        given.losses, given.trains = addressof(losses), gradients is not None
        given.w, given.gradients, given.outputs = address(w), address(gradients), address(outputs)
        given.drawn, given.before = address(drawn), start
        given.evaluates, given.buffers = statistics is None, address(buffers)
        gathered = np.empty((count + 1, given.gathered_count))
        given.statistics, given.gathered = address(statistics), address(gathered)
        given.totals = address(gathered[-1])
        self._run(byref(given))
        return losses


def _gathering(found: Mapping[str, Function], part: Part) -> dict[str, Any]:
    """The functions of a part that needs something of all chunks."""
    names = ("gather", "gather_back", "add", "add_back") if part.gathered else ()
    return {name: where(found[f"{part.function}_{name}"]) for name in names}
