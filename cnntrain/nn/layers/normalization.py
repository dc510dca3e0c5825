"""What normalising layers share: a weight and a bias for each channel."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from cnntrain import randomness
from cnntrain.nn.layers.layer import ParameterLayer
from cnntrain.nn.shapes import Array, Shape


class Normalization(ParameterLayer):
    """y = w z + b by channel, z being x normalised; weights (C,) begin as 1, biases (C,) as 0."""

    keeps_shape: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return 7 * math.prod(shape)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (shape[0],), "bias": (shape[0],)}

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        return np.ones(shape) if name == "weight" else np.zeros(shape)


def by_channel(values: Array, x: Array) -> Array:
    """Values (C,) so that they broadcast over `x` (C, ..., n)."""
    return values.reshape(-1, *(1,) * (x.ndim - 1))
