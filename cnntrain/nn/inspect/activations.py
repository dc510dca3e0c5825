"""What becomes of samples, layer by layer.

Whatever engine computes the network, here it is NumPy, one layer at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array, outer


def layer_outputs(
    network: Network, w: Array, x: Array, buffers: Array | None = None
) -> Iterator[Array]:
    """x(1), ..., x(K) for x(0) = `x`, (C, H, W, n) or (d, n), as evaluation has them; each may be
    overwritten by the next."""
    views, context = network.layout.views(w, buffers), ChunkContext(Workspace())
    for stage in NumpyEngine().stages(network.all_layers, network.shapes):
        x, _ = stage.forward(x, views, context)
        yield x


def activations(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None
) -> dict[str, Array]:
    """The outputs of every layer for some samples, by the layer's name: (n, H, W, C), or (n, d)."""
    x, _ = samples.chunk(0, len(samples), network.dtype)
    outputs = layer_outputs(network, w, x, buffers)
    return {name: outer(x).copy() for name, x in zip(network.names, outputs, strict=True)}
