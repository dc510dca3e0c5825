"""The memory of one worker for a run of stages, and the arguments of their functions in C.

The input of each part is an array of its own, with its padding, which stays zero: the part before
writes between.  Gradients take turns in two blocks, those apart that wait on the stack of residual
blocks.  Scratch memory is shared by all parts.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.parts import Part
from cnntrain.nn.engines.compiled.residual import Block, residual_blocks
from cnntrain.nn.engines.compiled.structures import LANES, ImageC, address, aligned_zeros
from cnntrain.nn.shapes import Array, Shape


class Memory:
    """For chunks of up to `groups` groups of samples.

    arguments   of each part
    outputs     (groups, C, H, W, 16) of each part, as they lie: with the padding of the next
    functions   in C, by name
    samples     in the chunk that is in work
    weights     the parameters that the arguments point to
    kernels     of each part, transformed; those of `first`, if that is given
    gathered    by each part of its chunk
    """

    def __init__(
        self,
        parts: Sequence[Part],
        groups: int,
        dtype: DTypeLike,
        functions: Any,
        first: Memory | None = None,
    ) -> None:
        self.groups, self.dtype, self.parts = groups, np.dtype(dtype), parts
        self.samples = 0
        self.functions = functions
        self.weights: Any = None
        blocks = residual_blocks(parts)
        there = {block.there: block.branch for block in blocks if block.there is not None}
        rooms = [*(part.room for part in parts), parts[-1].output]
        self.arrays = [self._zeros(groups, *rooms[-1], LANES)]
        for i, part in reversed(list(enumerate(parts))):
            shared = part.passes_on or i in there
            array = self.arrays[0] if shared else self._zeros(groups, *part.room, LANES)
            self.arrays.insert(0, array)
        for i, branch in there.items():
            self.arrays[i] = self.arrays[branch]
        largest = max(math.prod(room) for room in rooms) * LANES * groups
        self.gradients = [self._zeros(largest), self._zeros(largest)]
        self.waiting: dict[int, Array] = {}  # gradients by the input of a part
        for block in blocks:
            array = self._zeros(groups, *parts[block.sum].input, LANES)
            if block.turn is not None:
                after = block.turn + 1
                self.waiting[after] = self._zeros(groups, *parts[after].room, LANES)
                self.waiting[block.turn] = array
            self.waiting[block.sum] = array
        self.arguments = [part.structure() for part in parts]
        self.drawn = [part.drawn(None) for part in parts]
        self.kept = [
            aligned_zeros((groups * part.kept(self.dtype) * LANES,), np.uint8) for part in parts
        ]
        self.kernels: list[Array | None] = []
        needed = 1
        for i, (part, given) in enumerate(zip(parts, self.arguments, strict=True)):
            given.x = self._image(part.room, self.arrays[i])
            given.dx = self._image(part.room, self._gradient(i))
            given.y = self._inner(i, self.arrays[i + 1])
            given.dy = self._inner(i, self._gradient(i + 1))
            here = ctypes.addressof(given)
            scratch = functions.get(f"{part.function}_scratch")
            for given.groups in range(1, groups + 1):  # fewer may be cut into larger blocks
                needed = max(needed, scratch(here) if scratch else 0)
            given.drawn, given.kept = address(self.drawn[i]), address(self.kept[i])
            kernels = first.kernels[i] if first else None
            if part.prepares and kernels is None:
                kernels = self._zeros(functions[f"{part.function}_kernels"](here))
            self.kernels.append(kernels)
            if kernels is not None:
                given.kernels = address(kernels)
        self._needed = needed
        self.gathered = [np.zeros(part.gathered) for part in parts]
        for given, gathered in zip(self.arguments, self.gathered, strict=True):
            given.gathered = address(gathered)
        for block in blocks:
            self._join(block)
        self.first = self.inside(parts[0], self.arguments[0].x)
        self.first_gradient = self.inside(parts[0], self.arguments[0].dx)

    def _join(self, block: Block) -> None:
        """Tell joints where that is which waits on the stack."""
        part, branch, last = self.parts[block.branch], *self._given(block.branch, block.sum)
        x, branch.inside = self.inside(part, branch.x), self.inside(part, branch.dx)
        last.other, branch.dother = x, last.dx
        if block.turn is not None:
            turn, after = self._given(block.turn, block.turn + 1)
            turn.other, last.other, branch.dother = x, turn.x, turn.dy
            if block.there is not None:
                turn.y = after.x = x

    def _given(self, *numbers: int) -> list[Any]:
        return [self.arguments[number] for number in numbers]

    def _gradient(self, i: int) -> Array:
        """Memory for the gradient by the input of part `i`."""
        return self.waiting.get(i, self.gradients[i % 2])

    @cached_property
    def scratch(self) -> Array:
        """For one part at a time."""
        return self._zeros(self._needed)

    @property
    def used(self) -> int:
        """Groups of samples of the chunk that is in work."""
        return -(-self.samples // LANES)

    def _image(self, room: Shape, array: Array) -> ImageC:
        """Images of shape `room` without anything around them, in `array`."""
        plane = math.prod(room[1:]) * LANES
        row = (room[2] if len(room) == 3 else 1) * LANES
        return ImageC(address(array), room[0] * plane, plane, row)

    def _inner(self, i: int, array: Array) -> ImageC:
        """The output of part `i` in the input of the next, in `array`."""
        output = self.parts[i].output
        if i + 1 == len(self.parts) or self.parts[i].flat:
            return self._image(output, array)
        return self.inside(self.parts[i + 1], self._image(self.parts[i + 1].room, array))

    def inside(self, part: Part, image: ImageC) -> ImageC:
        """Images inside their padding."""
        offset = part.before[0] * image.row + part.before[1] * LANES
        at = image.at + offset * self.dtype.itemsize
        return ImageC(at, image.group, image.plane, image.row)

    def _zeros(self, *shape: int) -> Array:
        return aligned_zeros(shape, self.dtype)
