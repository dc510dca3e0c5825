"""What the vectors of a network consist of: w, which the gradient changes, and the buffers, which
training changes otherwise, such as running means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.layers.layer import Layer, ParameterLayer
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.shapes import Array, Shape


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the arrays of `layers` lie in both vectors.

    shapes   of one sample: of the input, and of the output of each layer
    frozen   numbers of layers whose arrays stay as they are
    """

    layers: Sequence[Layer]
    shapes: Sequence[Shape]
    frozen: frozenset[int] = frozenset()

    @cached_property
    def parameters(self) -> Parameters:
        """In w."""
        pairs = zip(self.layers, self.shapes, strict=False)
        return Parameters(layer.parameter_shapes(shape) for layer, shape in pairs)

    @cached_property
    def buffers(self) -> Parameters:
        """In the buffers."""
        pairs = zip(self.layers, self.shapes, strict=False)
        return Parameters(layer.buffer_shapes(shape) for layer, shape in pairs)

    def views(self, w: Array, buffers: Array | None) -> list[dict[str, Array]]:
        """For each layer its arrays of both kinds by name."""
        views = self.parameters.views(w)
        if buffers is not None and buffers.size:
            for own, others in zip(views, self.buffers.views(buffers), strict=True):
                own.update(others)
        return views

    # Parts of w ------------------------------------------------------------------------------

    @cached_property
    def trained(self) -> set[int]:
        """Numbers of the layers that the gradient changes."""
        return {entry.layer for entry in self.parameters} - self.frozen

    @cached_property
    def frozen_parts(self) -> list[slice]:
        """What stays as it is."""
        return [slice(e.start, e.stop) for e in self.parameters if e.layer in self.frozen]

    @cached_property
    def decayed_parts(self) -> list[slice]:
        """What weight decay acts on."""
        return [
            slice(entry.start, entry.stop)
            for entry in self.parameters
            if entry.name in self.layers[entry.layer].decayed and entry.layer not in self.frozen
        ]

    @cached_property
    def rate_factors(self) -> list[tuple[slice, float]]:
        """What moves at another rate than the rest, and how many times its rate."""
        return [
            (slice(entry.start, entry.stop), layer.rate_factor)
            for entry in self.parameters
            if isinstance(layer := self.layers[entry.layer], ParameterLayer)
            and layer.rate_factor != 1
        ]

    # Buffers ---------------------------------------------------------------------------------

    def first_buffers(self, dtype: np.dtype[Any]) -> Array:
        """What they begin as."""
        buffers = np.empty(self.buffers.count, dtype=dtype)
        for entry in self.buffers:
            layer = self.layers[entry.layer]
            entry.view(buffers)[...] = layer.initial_buffer(entry.name, entry.shape)
        return buffers

    def next_buffers(self, buffers: Array, statistics: Array) -> Array:
        """What a step makes of `buffers`, a new vector: r <- (1 - m) r + m s.

        statistics   s, of the same layout: what the step's training pass has found
        """
        after = buffers.copy()
        for entry in self.buffers:
            if entry.layer not in self.frozen:
                m, part = self.layers[entry.layer].renewal, slice(entry.start, entry.stop)
                after[part] += m * (statistics[part] - buffers[part])
        return after
