"""The cost of each layer of a network: shapes, parameters, operations, memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cnntrain.nn.network import Network
from cnntrain.nn.shapes import Shape


@dataclass(frozen=True)
class LayerCost:
    """One layer, per sample.

    output      shape of its output: (H, W, C), or (d,)
    parameters  entries of its weight and bias
    flops       floating-point operations of the forward pass, a multiply-add as two
    bytes       memory that its output takes
    """

    name: str
    type: str
    output: Shape
    parameters: int
    flops: int
    bytes: int


def layer_costs(network: Network) -> list[LayerCost]:
    """The cost of each layer, in network order."""
    counts = [0] * len(network.layers)
    for entry in network.parameters:
        counts[entry.layer] += entry.stop - entry.start
    return [
        LayerCost(
            name=network.names[k],
            type=layer.word(),
            output=_outer(network.shapes[k + 1]),
            parameters=counts[k],
            flops=layer.flops(network.shapes[k]),
            bytes=math.prod(network.shapes[k + 1]) * network.dtype.itemsize,
        )
        for k, layer in enumerate(network.layers)
    ]


def _outer(shape: Shape) -> Shape:
    """(C, H, W) as users write it, (H, W, C)."""
    return (*shape[1:], shape[0])
