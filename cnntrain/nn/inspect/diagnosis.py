"""Where numbers stop being finite."""

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


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def first_not_finite(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None, block: int = 64
) -> str | None:
    """The first layer whose output is infinite or not a number for one of `samples`, such as
    "layers.4 (dense1)"; None where all are finite.  `block` samples are looked at together.

    Whatever engine computes the network, here it is NumPy, layer by layer."""
    views, workspace = network.layout.views(w, buffers), Workspace()
    stages = NumpyEngine().stages(network.layers_before_loss, network.shapes)
    first = len(stages)
    for start in range(0, len(samples), block):
        context = ChunkContext(workspace)
        x, _ = samples.chunk(start, min(start + block, len(samples)), network.dtype)
        for i, stage in enumerate(stages[:first]):
            x, _ = stage.forward(x, views, context)
            if not np.isfinite(x).all():
                first = i
                break
    return None if first == len(stages) else network.place(first)
