"""Rectified linear units that have died: whatever they see, they say 0 and learn nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import ReLU
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples

Array = NDArray[Any]


def dead_shares(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None
) -> dict[int, float]:
    """The share of each ReLU's units that are 0 for all `samples`, as evaluation has them, by the
    number of the layer; units of an image are its channels.

    Whatever engine computes the network, here it is NumPy, layer by layer.
    """
    layers, views = network.layers_before_loss, network.layout.views(w, buffers)
    relus = [k for k, layer in enumerate(layers) if isinstance(layer, ReLU)]
    if not relus:
        return {}
    stages = NumpyEngine().stages(layers, network.shapes)[: relus[-1] + 1]

    def alive(chunk: Chunk, workspace: Workspace) -> dict[int, Array]:
        x, _ = samples.chunk(chunk.start, chunk.stop, network.dtype)
        context, found = ChunkContext(Workspace()), dict[int, Array]()
        for k, stage in enumerate(stages):
            x, _ = stage.forward(x, views, context)
            if k in relus:
                found[k] = np.count_nonzero(x.reshape(len(x), -1), axis=1) > 0
        return found

    every = list(network.workers.map(alive, network.chunks(len(samples))))
    return {k: 1 - float(np.any([found[k] for found in every], axis=0).mean()) for k in relus}
