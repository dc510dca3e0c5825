"""The cost of each layer of a network: shapes, parameters, operations, memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cnntrain.nn.layers.joints import Joint
from cnntrain.nn.network import Network
from cnntrain.nn.nodes import Span
from cnntrain.nn.shapes import Shape


@dataclass(frozen=True)
class LayerCost:
    """One layer, or a block with all that is in it, per sample.

    output      shape of its output: (H, W, C), or (d,)
    parameters  entries of its weight and bias
    flops       floating-point operations of the forward pass, a multiply-add as two
    bytes       memory that its output takes
    layers      those of a block
    frozen      whether training leaves it as it is
    """

    name: str
    type: str
    output: Shape
    parameters: int
    flops: int
    bytes: int
    layers: tuple[LayerCost, ...] = ()
    frozen: bool = False


def layer_costs(network: Network) -> list[LayerCost]:
    """The cost of each layer and block, in network order."""
    counts = [0] * len(network.all_layers)
    for entry in network.parameters:
        counts[entry.layer] += entry.stop - entry.start
    costs = [_cost(network, k, counts[k]) for k in range(len(counts))]
    return list(_nested(network, costs, 0, len(costs), list(reversed(network.line.spans))))


def _cost(network: Network, k: int, parameters: int) -> LayerCost:
    """That of layer `k`; a joint but for the sum computes and keeps nothing."""
    layer, shape = network.all_layers[k], network.shapes[k + 1]
    kept = not isinstance(layer, Joint) or layer.owns_output
    return LayerCost(
        name=network.names[k],
        type=layer.word(),
        output=_outer(shape),
        parameters=parameters,
        flops=layer.flops(network.shapes[k]),
        bytes=math.prod(shape) * network.dtype.itemsize if kept else 0,
        frozen=k in network.frozen,
    )


def _nested(
    network: Network, costs: list[LayerCost], start: int, stop: int, spans: list[Span]
) -> Iterator[LayerCost]:
    """The costs of layers start ... stop - 1, those of blocks in these.

    spans   blocks that have not begun, the next one last
    """
    while start < stop:
        if not spans or spans[-1].start > start:
            yield costs[start]
            start += 1
            continue
        span = spans.pop()
        inner = tuple(_nested(network, costs, start, span.stop, spans))
        yield LayerCost(
            name=span.place.name,
            type=span.block.word(),
            output=_outer(network.shapes[span.stop]),
            parameters=sum(cost.parameters for cost in inner),
            flops=sum(cost.flops for cost in inner),
            bytes=sum(cost.bytes for cost in inner),
            layers=tuple(cost for cost in inner if cost.bytes > 0),
        )
        start = span.stop


def _outer(shape: Shape) -> Shape:
    """(C, H, W) as users write it, (H, W, C)."""
    return (*shape[1:], shape[0])
