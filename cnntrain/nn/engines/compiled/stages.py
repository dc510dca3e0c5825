"""Stages in C behind the protocol of engines.

Between them arrays lie in groups of sixteen samples, (groups, C, H, W, 16), in the memory of the
worker (see `memory`); a stage that follows one in NumPy, or precedes one, converts.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.engines.compiled.library import Library
from cnntrain.nn.engines.compiled.memory import Memory
from cnntrain.nn.engines.compiled.parts import Part
from cnntrain.nn.engines.compiled.structures import LANES, PlainC, address
from cnntrain.nn.engines.engine import Stage, Views
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.shapes import Array, Shape


@dataclass(frozen=True, eq=False)
class Run:
    """Successive parts without a layer in NumPy between."""

    parts: Sequence[Part]
    library: Library

    def memory(self, context: ChunkContext, dtype: np.dtype[Any]) -> Memory:
        """The worker's memory."""
        memory: Memory = context.workspace.kept[self, dtype]
        return memory

    def memory_for(self, context: ChunkContext, dtype: np.dtype[Any], samples: int) -> Memory:
        """The same, large enough for a chunk that begins."""
        groups = -(-samples // LANES)
        memory: Memory | None = context.workspace.kept.get((self, dtype))
        if memory is None or memory.groups < groups:
            memory = Memory(self.parts, groups, dtype, functions(self.library, dtype))
            context.workspace.kept[self, dtype] = memory
        memory.samples = samples
        for given in memory.arguments:
            given.groups = groups
        return memory


@dataclass(frozen=True, eq=False)
class CompiledStage:
    """Part `number` of a run.

    plain   stages of the same layers in NumPy, for directional derivatives
    """

    run: Run
    number: int
    plain: Sequence[Stage]

    @cached_property
    def part(self) -> Part:
        """What it computes."""
        return self.run.parts[self.number]

    @property
    def gathers(self) -> bool:
        """See `Stage`."""
        return False

    @property
    def layers(self) -> range:
        """See `Stage`."""
        return self.part.layers

    def forward(self, x: Array, w: Views, context: ChunkContext) -> tuple[Array, Any]:
        """See `Stage.forward`."""
        dtype, number, part = x.dtype, self.number, self.part
        if number == 0:
            memory = self.run.memory_for(context, dtype, x.shape[-1])
            memory.functions["to_blocks"](byref(PlainC.of(x)), byref(memory.first), 1)
        else:
            memory = self.run.memory(context, dtype)
        if memory.weights is not w:
            self._set_weights(memory, w)
        given = memory.arguments[number]
        if part.draws:
            memory.drawn[number][:] = part.drawn(context.rng_key if context.training else None)
            given.start = context.start
        memory.functions[part.forward](byref(given))
        y = memory.arrays[number + 1][: memory.used]
        if number + 1 == len(self.run.parts):
            y = np.empty((*part.handed_on, memory.samples), dtype)
            plain = PlainC.of(y.reshape(self._plain(y)))
            memory.functions["from_blocks"](byref(given.y), byref(plain))
        return y, memory if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext, need_dx: bool
    ) -> Array | None:
        """See `Stage.backward`."""
        memory: Memory = cache
        given, part = memory.arguments[self.number], self.part
        if self.number + 1 == len(self.run.parts):
            plain = PlainC.of(dy.reshape(self._plain(dy)))
            memory.functions["to_blocks"](byref(plain), byref(given.dy), 0)
        own = dw[part.number]
        given.dweight, given.dbias = address(own.get("weight")), address(own.get("bias"))
        given.need_dx = need_dx
        memory.functions[part.backward](byref(given))
        if not need_dx:
            return None
        if self.number:
            return memory.gradients[self.number % 2]
        dx = np.empty((*part.input, memory.samples), memory.dtype)
        memory.functions["from_blocks"](byref(memory.first_gradient), byref(PlainC.of(dx)))
        return dx

    def gather(self, x: Array, w: Views, context: ChunkContext) -> Any:
        """See `Stage`."""
        raise NotImplementedError

    def gather_back(self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Any:
        """See `Stage`."""
        raise NotImplementedError

    def jvp(self, dx: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Array:
        """See `Stage.jvp`: in NumPy, after a forward pass in NumPy."""
        memory: Memory = cache
        x = np.empty((*self.part.input, memory.samples), memory.dtype)
        given = memory.arguments[self.number]
        interior = memory.inside(self.part, given.x)
        memory.functions["from_blocks"](byref(interior), byref(PlainC.of(x)))
        for stage in self.plain:
            x, kept = stage.forward(x, w, context)
            dx = stage.jvp(dx, kept, w, dw, context)
        return dx

    def _plain(self, array: Array) -> Shape:
        return (*self.part.output, array.shape[-1])

    def _set_weights(self, memory: Memory, w: Views) -> None:
        """All parts of the run are to take their parameters from `w`."""
        memory.weights = w
        for part, given in zip(self.run.parts, memory.arguments, strict=True):
            own = w[part.number]
            given.weight, given.bias = address(own.get("weight")), address(own.get("bias"))
            if part.prepares:
                memory.functions[f"{part.function}_prepare"](byref(given), 0, 1)
