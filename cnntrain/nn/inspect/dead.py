"""Rectified linear units that have died: whatever they see, they say 0 and learn nothing."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.execution.chunks import Chunk
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.inspect.activations import layer_outputs
from cnntrain.nn.layers import ReLU
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array


def dead_shares(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None
) -> dict[int, float]:
    """The share of each ReLU's units that are 0 for all `samples`, as evaluation has them, by the
    number of the layer; units of an image are its channels."""
    relus = [k for k, layer in enumerate(network.all_layers) if isinstance(layer, ReLU)]
    up_to_last = range(max(relus, default=-1) + 1)

    def alive(chunk: Chunk, _: Workspace) -> dict[int, Array]:
        x, _y = samples.chunk(chunk.start, chunk.stop, network.dtype)
        outputs = zip(up_to_last, layer_outputs(network, w, x, buffers), strict=False)
        return {
            k: np.count_nonzero(x.reshape(len(x), -1), axis=1) > 0 for k, x in outputs if k in relus
        }

    every = list(network.workers.map(alive, network.chunks(len(samples)))) if relus else []
    return {k: 1 - float(np.any([found[k] for found in every], axis=0).mean()) for k in relus}
