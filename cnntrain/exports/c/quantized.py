"""Weights in eight bits: whole numbers from -127 to 127, times a scale for each output channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.models.model import Model
from cnntrain.nn.layers import Conv, Dense
from cnntrain.nn.layout import Layout

Array = NDArray[Any]


def quantized(weight: Array) -> tuple[Array, Array]:
    """Whole numbers q (F, ...) int8 and scales s (F,) float32 such that s q is nearest `weight`."""
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    whole = np.rint(rows / scales[:, None]).clip(-127, 127).astype(np.int8)
    return whole.reshape(weight.shape), scales


def rounded(model: Model) -> Model:
    """`model` with the weights of its convolutions and dense layers as eight bits hold them.

    A batch normalisation that is folded scales whole output channels, and leaves q as it is.
    """
    network, w = model.network, model.w.copy()
    layers = network.all_layers
    views = Layout(layers, network.shapes).views(w, None)
    for layer, arrays in zip(layers, views, strict=True):
        if type(layer) in (Conv, Dense):
            whole, scales = quantized(arrays["weight"])
            arrays["weight"][...] = scales.reshape(-1, *(1,) * (whole.ndim - 1)) * whole
    return replace(model, w=w)
