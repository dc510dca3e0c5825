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

from cnntrain.nn.engines.compiled.functions import Function, functions
from cnntrain.nn.engines.compiled.library import Library
from cnntrain.nn.engines.compiled.memory import Memory
from cnntrain.nn.engines.compiled.parts import JointPart, Part
from cnntrain.nn.engines.compiled.structures import LANES, ImageC, PlainC, address
from cnntrain.nn.engines.engine import Views
from cnntrain.nn.engines.numpy.engine import LayerStage
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
            given.groups, given.samples, given.scratch = groups, samples, address(memory.scratch)
        return memory


@dataclass(frozen=True, eq=False)
class Gathered:
    """Numbers of a chunk that are needed of all; the stage with the arguments `given` puts two of
    them together."""

    numbers: Array
    given: Any
    add: Function

    def __add__(self, other: Gathered) -> Gathered:
        total = self.numbers.copy()
        self.add(byref(self.given), address(total), address(other.numbers))
        return Gathered(total, self.given, self.add)


@dataclass(frozen=True, eq=False)
class CompiledStage:
    """Part `number` of a run.

    plain   stages of the same layers in NumPy, for directional derivatives
    """

    run: Run
    number: int
    plain: Sequence[LayerStage]

    @cached_property
    def part(self) -> Part:
        """What it computes."""
        return self.run.parts[self.number]

    @property
    def gathers(self) -> bool:
        """See `Stage`."""
        return self.part.gathered > 0

    @property
    def layers(self) -> range:
        """See `Stage`."""
        return self.part.layers

    def forward(self, x: Array, w: Views, context: ChunkContext) -> tuple[Array, Any]:
        """See `Stage.forward`."""
        number, part = self.number, self.part
        memory = self._begin(x, w, context)
        given = memory.arguments[number]
        if part.gathered and context.training:
            self._set_total(memory, context.gathered or self._gathered(memory, "gather"))
        memory.functions[part.forward](byref(given))
        y = memory.arrays[number + 1][: memory.used]
        if number + 1 == len(self.run.parts):
            y = np.empty((*part.handed_on, memory.samples), memory.dtype)
            plain = PlainC.of(y.reshape(self._plain(y)))
            memory.functions["from_blocks"](byref(given.y), byref(plain))
        return y, memory if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext, need_dx: bool
    ) -> Array | None:
        """See `Stage.backward`."""
        memory: Memory = cache
        given, part = memory.arguments[self.number], self.part
        self._begin_back(memory, dy, dw)
        if part.gathered:
            self._set_total(memory, context.gathered or self._gathered(memory, "gather_back"))
        given.need_dx = need_dx
        memory.functions[part.backward](byref(given))
        if not need_dx:
            return None
        if self.number:
            return memory.gradients[self.number % 2]
        dx = np.empty((*part.input, memory.samples), memory.dtype)
        memory.functions["from_blocks"](byref(memory.first_gradient), byref(PlainC.of(dx)))
        return dx

    def gather(self, x: Array, w: Views, context: ChunkContext) -> Gathered:
        """See `Stage.gather`."""
        return self._gathered(self._begin(x, w, context), "gather")

    def gather_back(
        self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext
    ) -> Gathered:
        """See `Stage.gather_back`."""
        self._begin_back(cache, dy, dw)
        return self._gathered(cache, "gather_back")

    def jvp(self, dx: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Array:
        """See `Stage.jvp`: in NumPy, after a forward pass in NumPy."""
        memory: Memory = cache
        given = memory.arguments[self.number]
        x = self._copy(memory, memory.inside(self.part, given.x), self.part.input)
        for stage in self.plain:
            if isinstance(self.part, JointPart) and stage is self.plain[0]:
                dx = stage.jvp(dx, (stage.own(context), None), w, dw, context)
                if len(self.plain) > 1:
                    x = x + self._copy(memory, given.other, self.part.input)
                continue
            x, kept = stage.forward(x, w, context)
            dx = stage.jvp(dx, kept, w, dw, context)
        return dx

    def _copy(self, memory: Memory, image: ImageC, shape: Shape) -> Array:
        """Images of `shape` for a stage in NumPy."""
        x = np.empty((*shape, memory.samples), memory.dtype)
        memory.functions["from_blocks"](byref(image), byref(PlainC.of(x)))
        return x

    def _begin(self, x: Array, w: Views, context: ChunkContext) -> Memory:
        """The worker's memory, ready for a forward pass."""
        number, part = self.number, self.part
        if number == 0:
            memory = self.run.memory_for(context, x.dtype, x.shape[-1])
            memory.functions["to_blocks"](byref(PlainC.of(x)), byref(memory.first), 1)
        else:
            memory = self.run.memory(context, x.dtype)
        if memory.weights is not w:
            self._set_weights(memory, w)
        given = memory.arguments[number]
        if part.draws:
            memory.drawn[number][:] = part.drawn(context.rng_key if context.training else None)
            given.start = context.start
        given.fixed = part.fixed or not context.training
        noted = context.statistics[part.number] if context.statistics else {}
        given.buffers = address(next(iter(self._buffers(w)), None))
        given.statistics = address(next(iter(noted.values()), None))
        return memory

    def _begin_back(self, memory: Memory, dy: Array, dw: Views) -> None:
        """Likewise for a backward pass."""
        given = memory.arguments[self.number]
        if self.number + 1 == len(self.run.parts):
            plain = PlainC.of(dy.reshape(self._plain(dy)))
            memory.functions["to_blocks"](byref(plain), byref(given.dy), 0)
        own = dw[self.part.number]
        given.dweight, given.dbias = address(own.get("weight")), address(own.get("bias"))

    def _gathered(self, memory: Memory, what: str) -> Gathered:
        """What the chunk adds to that which is needed of all of them."""
        given, name = memory.arguments[self.number], self.part.function
        memory.functions[f"{name}_{what}"](byref(given))
        add = memory.functions[f"{name}_{what.replace('gather', 'add')}"]
        return Gathered(memory.gathered[self.number].copy(), given, add)

    def _set_total(self, memory: Memory, total: Gathered) -> None:
        memory.gathered[self.number][:] = total.numbers
        memory.arguments[self.number].total = address(memory.gathered[self.number])

    def _buffers(self, w: Views) -> list[Array]:
        """Those of its layer, one after the other in their vector."""
        own = w[self.part.number]
        return [own[name] for name in ("running_mean", "running_var") if name in own]

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
