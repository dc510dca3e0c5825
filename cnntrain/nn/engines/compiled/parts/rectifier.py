"""The rectified linear unit, leaky or not, where another part writes its output (activation.h)."""

from __future__ import annotations

from cnntrain.nn.engines.compiled.structures import ActivationC
from cnntrain.nn.layers import Layer, LeakyReLU, ReLU


def rectifier(layer: Layer | None) -> ActivationC | None:
    """That of `layer`, if it has two straight sides, and at 0 the derivative of one of them."""
    if type(layer) is ReLU and layer.radius == 0:
        slope = 0.0
    elif type(layer) is LeakyReLU:
        slope = layer.slope
    else:
        return None
    if layer.derivative_at_zero == 0.5:
        return None
    return ActivationC(1, layer.derivative_at_zero == 0, slope)
