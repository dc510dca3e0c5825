"""What becomes of samples, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples

Array = NDArray[Any]


def activations(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None
) -> dict[str, Array]:
    """The outputs x(k) of every layer for some samples, by the layer's name, as evaluation has
    them: (n, H, W, C), or (n, d).

    Whatever engine computes the network, here it is NumPy, layer by layer.
    """
    views, context = network.layout.views(w, buffers), ChunkContext(Workspace())
    stages = NumpyEngine().stages(network.all_layers, network.shapes)
    x, _ = samples.chunk(0, len(samples), network.dtype)
    found = {}
    for name, stage in zip(network.names, stages, strict=True):
        x, _ = stage.forward(x, views, context)
        found[name] = np.moveaxis(x, -1, 0).copy() if x.ndim == 2 else _outer(x).copy()
    return found


def _outer(x: Array) -> Array:
    """(C, H, W, n) as (n, H, W, C)."""
    return x.transpose(3, 1, 2, 0)
