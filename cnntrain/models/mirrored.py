"""The answers of a network, averaged over each image and its mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data import PartSamples
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.network import Network

Array = NDArray[Any]
BLOCK = 4096  # samples of which mirror images are in memory


def mirrored(raw: Array) -> Array:
    """Images (N, H, W, C) with left and right changed, signals (N, 1, L, C) from end to start."""
    return raw[:, :, ::-1]


def averaged(p: Array, of_mirrored: Array) -> Array:
    """The mean of the outputs (N, e) for images and for their mirror images."""
    return (p + of_mirrored) / 2


def measure(
    network: Network, w: Array, samples: PartSamples, buffers: Array | None, flip: bool
) -> tuple[BatchTotals, Array]:
    """As `Network.measure`; with `flip`, of the outputs p = (p_1 + p_2) / 2 for each image and its
    mirror image, whose loss is that of p.

    Inputs are mirrored as they are stored, and then standardised.
    """
    if not flip:
        return network.measure(w, samples, buffers)
    outputs = []
    for start in range(0, len(samples), BLOCK):
        some = samples.between(start, start + BLOCK)
        pair = (some, some.changed(mirrored))
        outputs.append(averaged(*(network.measure(w, images, buffers)[1] for images in pair)))
    p, y = np.concatenate(outputs), samples.targets()
    loss = network.engine.loss(network.loss)
    return loss.totals(loss.inverse(p.T), p.T, y), p
