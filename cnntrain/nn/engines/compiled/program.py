"""A whole network in one call: what batch.h is given."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import addressof, byref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.functions import functions, where
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
from cnntrain.nn.parameters import Layout
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

    def drawn(self, rng_key: tuple[int, ...] | None) -> Array:
        """What is drawn for a step, stage by stage; see `Part.drawn`."""
        return np.concatenate([part.drawn(rng_key) for part in self.parts])

    def team(self, workspace: Workspace, members: int, groups: int, dtype: DTypeLike) -> Team:
        """Memory of so many workers, for chunks of up to `groups` groups of samples."""
        key = self, np.dtype(dtype)
        team: Team | None = workspace.kept.get(key)
        if team is not None:
            members, groups = max(members, len(team.memories)), max(groups, team.groups)
        if team is None or (members, groups) != (len(team.memories), team.groups):
            team = workspace.kept[key] = Team(self, members, groups, dtype)
        return team


class Team:
    """The memory of several workers, and the structures that point to it."""

    def __init__(self, program: Program, members: int, groups: int, dtype: DTypeLike) -> None:
        self.program, self.groups = program, groups
        found, parts = functions(program.run.library, np.dtype(dtype)), program.parts
        first = Memory(parts, groups, dtype, found)
        others = (Memory(parts, groups, dtype, found, first) for _ in range(members - 1))
        self.memories = [first, *others]
        before = np.cumsum([0, *(part.draws for part in parts)]).tolist()
        self._kinds = (KindC * len(parts))(
            *(
                KindC(
                    where(found[part.forward]),
                    where(found[part.backward]),
                    where(found[f"{part.function}_prepare"]) if part.prepares else None,
                    own.get("weight", -1),
                    own.get("bias", -1),
                    drawn,
                )
                for part, own, drawn in zip(parts, program.offsets, before, strict=False)
            )
        )
        arguments = [addressof(given) for memory in self.memories for given in memory.arguments]
        self._stages = (ctypes.c_void_p * len(arguments))(*arguments)
        self._first = (ImageC * members)(*(memory.first for memory in self.memories))
        trained = program.layout.trained
        with_parameters = (k for k, part in enumerate(parts) if part.number in trained)
        self.given: Any = BatchC(
            stages=len(parts),
            kinds=addressof(self._kinds),
            memories=addressof(self._stages),
            first=addressof(self._first),
            lose=where(found[program.loss.kernel]),
            below=next(with_parameters, len(parts)),
            count=program.layout.parameters.count,
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
    ) -> Any:
        """Compute some successive `chunks`; the structures of their losses.

        y           labels or targets of these, as C wants them
        drawn       see `Program.drawn`
        outputs     (samples, e), to be filled; or None
        gradients   (chunks, parameters), of which the first becomes the gradient; None: no training
        share       of each sample in the risk
        """
        start, size = chunks[0].start, chunks[0].stop - chunks[0].start
        given, count = self.given, len(chunks)
        given.samples, given.chunks, given.chunk_size = chunks[-1].stop - start, count, size
        given.members = len(self.memories)
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
        self._run(byref(given))
        return losses
