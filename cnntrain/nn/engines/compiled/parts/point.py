"""Functions of one number in a call of their own (point_functions.h)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import PointFunctionC
from cnntrain.nn.layers import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from cnntrain.nn.layers.point_function import PointFunction

# What they are called in C.
FUNCTIONS: dict[type[PointFunction], str] = {
    ReLU: "rectifier",
    LeakyReLU: "rectifier",
    ELU: "elu",
    GELU: "gelu",
    SiLU: "silu",
    Tanh: "hyperbolic_tangent",
    Sigmoid: "sigmoid",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class PointPart(Part):
    """A layer that does the same to every entry."""

    layer: PointFunction

    def structure(self) -> Any:
        layer, (channels, *size) = self.layer, self.input
        height, width = size or (1, 1)
        result = PointFunctionC(channels=channels, height=height, width=width)
        if isinstance(layer, ReLU | LeakyReLU):
            left = layer.slope if isinstance(layer, LeakyReLU) else 0.0
            result.left, result.at_zero = left, left + layer.derivative_at_zero * (1 - left)
        if isinstance(layer, ReLU):
            result.radius = layer.radius
        if isinstance(layer, ELU):
            result.alpha = layer.alpha
        return result


def point(site: Site) -> Part:
    """The part of a point function."""
    layer: PointFunction = site.layer
    rounded = isinstance(layer, ReLU) and layer.radius
    function = "rounded_rectifier" if rounded else FUNCTIONS[type(layer)]
    return PointPart(**site.fields(), function=function, layer=layer)
