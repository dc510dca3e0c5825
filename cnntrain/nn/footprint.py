"""The memory that a network needs, known before anything is allocated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.execution.memory import memory_for, size_text, usable_memory
from cnntrain.nn.layers.joints import Branch, Turn
from cnntrain.nn.nodes import Node
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.shape_checks import largest_setting
from cnntrain.nn.shapes import Shape
from cnntrain.text import pluralize


@dataclass(frozen=True, eq=False)
class Footprint:
    """Of a network with these layers, numbers of `dtype`."""

    nodes: Sequence[Node]
    shapes: Sequence[Shape]
    parameters: Parameters
    dtype: np.dtype[Any]

    @cached_property
    def bytes_per_sample(self) -> int:
        """Bytes of one sample's input and layer outputs; a branch and a turn have none."""
        outputs = zip(self.nodes, self.shapes[1:], strict=True)
        made = [shape for node, shape in outputs if not isinstance(node.layer, Branch | Turn)]
        return sum(math.prod(shape) for shape in (self.shapes[0], *made)) * self.dtype.itemsize

    def memory(self, chunk: int) -> AbstractContextManager[None]:
        """Raises StorageError, which names the layer that takes most, where there is too little
        memory for the parameters and `chunk` samples."""
        if chunk not in self._taken:
            self._taken[chunk] = self._measure(chunk)
        return memory_for(*self._taken[chunk])

    @cached_property
    def _taken(self) -> dict[int, tuple[int, str]]:
        """What `_measure` has given: a training asks for few sizes, again and again."""
        return {}

    def _measure(self, chunk: int) -> tuple[int, str]:
        """Bytes that parameters and `chunk` samples take at least, and what takes most of them."""
        fixed = [0] * len(self.nodes)
        for entry in self.parameters:
            fixed[entry.layer] += (entry.stop - entry.start) * self.dtype.itemsize
        arrays = [
            sum(math.prod(size) for size in node.layer.arrays(shape).values()) * self.dtype.itemsize
            for node, shape in zip(self.nodes, self.shapes, strict=False)
        ]
        taken = [a + chunk * b for a, b in zip(fixed, arrays, strict=True)]
        k = max(range(len(taken)), key=lambda k: taken[k])
        what = f"parameters and {pluralize(chunk, 'sample')}" if chunk else "parameters"
        blamed = largest_setting(self.nodes[: k + 1])
        less = f"{self.nodes[blamed[0]].place.key}.{blamed[1]}" if blamed else "the inputs"
        if chunk > 1 and chunk * arrays[k] > fixed[k] and 2 * arrays[k] < usable_memory():
            less = "compute.chunk"
        return max(sum(fixed), taken[k]), (
            f"{self.nodes[k].place} takes {size_text(taken[k])} of {size_text(sum(taken))} for "
            f"{what} (reduce {less})"
        )
