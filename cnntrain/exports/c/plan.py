"""Where the values of a network lie while it runs: in one array, as small as lifetimes allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cnntrain.exports.c.calls import Call, call_of
from cnntrain.exports.program import Program, Step
from cnntrain.nn.layers import Flatten
from cnntrain.nn.layers.joints import Branch, Sum, Turn

FLOAT = 4  # bytes
OUTPUT = "output"  # the array of the caller


@dataclass(frozen=True)
class Operation:
    """One call.  Operation k makes value k + 1 of the values `inputs`; value 0 is the
    standardised input."""

    step: Step
    call: Call
    inputs: tuple[int, ...]


@dataclass
class Buffer:
    """Room for `size` numbers, from operation `first` to operation `last`, both included."""

    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are needed at one time."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Plan:
    """The operations of a network, and the memory for its values.

    sizes   how many numbers each value has
    """

    operations: Sequence[Operation]
    sizes: Sequence[int]

    @classmethod
    def of(cls, program: Program, int8: bool) -> Plan:
        """That of `program`.  The stack of residual blocks is one of numbers of values."""
        operations: list[Operation] = []
        sizes, x, stack = [math.prod(program.inner_shape)], 0, []
        for step in program.steps:
            if isinstance(step.layer, Branch):
                stack.append(x)
            elif isinstance(step.layer, Turn):
                stack[-1], x = x, stack[-1]
            elif not isinstance(step.layer, Flatten):
                inputs = (stack.pop(), x) if isinstance(step.layer, Sum) else (x,)
                operations.append(Operation(step, call_of(step, int8), inputs))
                sizes.append(math.prod(step.after))
                x = len(operations)
        return cls(operations, sizes)

    @cached_property
    def places(self) -> list[str]:
        """Where each value is, as C has it: "memory", "memory + 784", or "output"."""
        offsets = self._offsets
        found = []
        for buffer in self._buffers:
            offset = offsets.get(id(buffer))
            found.append(OUTPUT if offset is None else f"memory + {offset}" if offset else "memory")
        return found

    @cached_property
    def memory(self) -> int:
        """Numbers in the array."""
        ends = [
            self._offsets[id(buffer)] + buffer.size
            for buffer in self._buffers
            if id(buffer) in self._offsets
        ]
        return max(ends, default=0)

    @property
    def memory_bytes(self) -> int:
        """Of the array."""
        return FLOAT * self.memory

    @property
    def constant_bytes(self) -> int:
        """Of the arrays of the layers."""
        calls = (operation.call for operation in self.operations)
        return sum(array.nbytes for call in calls for array in call.constants.values())

    @cached_property
    def _last_uses(self) -> list[int]:
        """The last operation that reads each value; of the answer one beyond."""
        last = [len(self.operations)] * len(self.sizes)
        for number, operation in enumerate(self.operations):
            for value in operation.inputs:
                last[value] = number
        return last

    @cached_property
    def _buffers(self) -> list[Buffer]:
        """That of each value: its own, or that of a value which it may take the place of."""
        buffers = [Buffer(self.sizes[0], -1, self._last_uses[0])]
        for number, operation in enumerate(self.operations):
            last = self._last_uses[number + 1]
            done = [value for value in operation.inputs if self._last_uses[value] == number]
            if operation.call.in_place and done:
                buffer = buffers[done[0]]
                buffer.last = last
            else:
                buffer = Buffer(self.sizes[number + 1], number, last)
            buffers.append(buffer)
        return buffers

    @cached_property
    def _offsets(self) -> dict[int, int]:
        """Of the buffers, by identity, without that of the answer: the largest first, each as low
        as those that it meets leave room."""
        different = {id(buffer): buffer for buffer in self._buffers}
        del different[id(self._buffers[-1])]
        placed: list[tuple[int, Buffer]] = []
        for buffer in sorted(different.values(), key=lambda one: (-one.size, one.first)):
            offset = 0
            for start, other in sorted(placed, key=lambda pair: pair[0]):
                if buffer.meets(other) and offset + buffer.size > start:
                    offset = max(offset, start + other.size)
            placed.append((offset, buffer))
        return {id(buffer): offset for offset, buffer in placed}
