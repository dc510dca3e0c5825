"""Where numbers stop being finite."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers.base import Call
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples

Array = NDArray[Any]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def first_not_finite(network: Network, w: Array, samples: Samples, block: int = 64) -> str | None:
    """The first layer whose output is infinite or not a number for one of `samples`, such as
    "layers.4 (dense1)"; None where all are finite.  `block` samples are looked at together."""
    parameters, workspace = network.parameters.by_layer(w), Workspace()
    first = len(network.body)
    for start in range(0, len(samples), block):
        x, _ = samples.chunk(start, min(start + block, len(samples)), network.dtype)
        for k, layer in enumerate(network.body[:first]):
            x, _ = layer.forward(x, parameters[k], Call(workspace, k, keep=False))
            if not np.isfinite(x).all():
                first = k
                break
    return None if first == len(network.body) else network.place(first)
