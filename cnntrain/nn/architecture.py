"""What a network consists of: layers in a line, the shapes between them, parameters and buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.footprint import Footprint
from cnntrain.nn.layers import Entry, Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import Loss
from cnntrain.nn.nodes import Line, line
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.shape_checks import check_end, check_statistics, shapes_between
from cnntrain.nn.shapes import Array, Shape


@dataclass(frozen=True, eq=False)
class Architecture:
    """Layers f(1), ..., f(K) and the loss at their end.

    layers         as a config has them, with blocks; below, layers are those of `line`
    input_shape    of one sample: (H, W, C), or (d,) for vectors
    outputs        classes e, or entries of a target vector
    dtype          of parameters and activations, float32 or float64
    frozen         numbers of layers, from 0, that training leaves as they are

    Raises ShapeError where the layers do not fit together.
    """

    layers: Sequence[Entry]
    loss: Loss
    input_shape: Shape
    outputs: int
    dtype: np.dtype[Any] = np.dtype(np.float32)
    frozen: frozenset[int] = field(default=frozenset(), kw_only=True)

    def __post_init__(self) -> None:
        check_end(self.line.nodes, self.shapes, self.loss, self.outputs)

    @cached_property
    def line(self) -> Line:
        """The layers one after the other, without blocks."""
        return line(self.layers)

    @cached_property
    def all_layers(self) -> list[Layer]:
        """Those layers."""
        return [node.layer for node in self.line.nodes]

    @cached_property
    def names(self) -> list[str]:
        """What they are called: conv1, relu1, conv2, ..., block1/conv1, unless they have names."""
        return [node.name for node in self.line.nodes]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Inner shapes of one sample: of the input, (C, H, W) or (d,), and of each output."""
        return shapes_between(self.line.nodes, self.input_shape)

    @cached_property
    def layout(self) -> Layout:
        """Where the arrays of each layer lie: parameters in the flat vector w, buffers in another;
        and what of them stays as it is."""
        return Layout(self.all_layers, self.shapes, self.frozen)

    @property
    def parameters(self) -> Parameters:
        """Where those in w lie."""
        return self.layout.parameters

    @property
    def buffers(self) -> Parameters:
        """Where the others lie, which training changes otherwise than by the gradient."""
        return self.layout.buffers

    @property
    def layers_before_loss(self) -> Sequence[Layer]:
        """The layers but for a final soft-max that the loss takes over."""
        return self.all_layers[:-1] if self.loss.of_logits else self.all_layers

    def named_parameters(self, w: Array) -> dict[str, Array]:
        """{"conv1/weight": view into `w`, ...} in network order."""
        return {f"{self.names[e.layer]}/{e.name}": e.view(w) for e in self.parameters}

    def initial_parameters(self, seed: int) -> Array:
        """w_0: each array a function of (seed, its name), whatever the other layers are.

        Raises StorageError where memory does not suffice.
        """
        with self.footprint.memory(0):
            w = np.empty(self.parameters.count, dtype=self.dtype)
            for entry in self.parameters:
                layer, name = self.all_layers[entry.layer], self.names[entry.layer]
                entry.view(w)[...] = layer.initial_parameter(
                    entry.name, entry.shape, "initial weights", seed, name, entry.name
                )
            return w

    def named_buffers(self, buffers: Array) -> dict[str, Array]:
        """{"batch_norm1/running_mean": view into `buffers`, ...} in network order."""
        return {f"{self.names[e.layer]}/{e.name}": e.view(buffers) for e in self.buffers}

    def initial_buffers(self) -> Array:
        """What they begin as."""
        return self.layout.first_buffers(self.dtype)

    def next_buffers(self, buffers: Array, statistics: Array) -> Array:
        """What a step makes of `buffers`, a new vector: r <- (1 - m) r + m s.

        statistics   s, of the same layout: what the step's training pass has found
        """
        return self.layout.next_buffers(buffers, statistics)

    def place(self, k: int) -> str:
        """Layer number `k`, from 0, as the config counts it, with its name."""
        return str(self.line.nodes[k].place)

    def check_statistics(self, count: int) -> None:
        """Raise UsageError where a layer would take statistics of a single number in a batch of
        `count` samples."""
        check_statistics(self.line.nodes, self.shapes, self.frozen, count)

    @cached_property
    def footprint(self) -> Footprint:
        """The memory that it needs."""
        return Footprint(self.line.nodes, self.shapes, self.parameters, self.dtype)
