"""Where numbers stop being finite."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.inspect.activations import layer_outputs
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def first_not_finite(
    network: Network, w: Array, samples: Samples, buffers: Array | None = None, block: int = 64
) -> str | None:
    """The first layer whose output is infinite or not a number for one of `samples`, such as
    "layers.4 (dense1)"; None where all are finite.  `block` samples are looked at together."""
    end = first = len(network.all_layers)
    for start in range(0, len(samples), block):
        x, _ = samples.chunk(start, min(start + block, len(samples)), network.dtype)
        outputs = zip(range(first), layer_outputs(network, w, x, buffers), strict=False)
        first = next((k for k, x in outputs if not np.isfinite(x).all()), first)
    return None if first == end else network.place(first)
