"""Functions of one number in a call of their own (point_functions.h)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE
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


class PointFunctionC(ctypes.Structure):
    """A function of one number."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        *((name, ctypes.c_int64) for name in ("channels", "height", "width")),
        *((name, ctypes.c_double) for name in ("left", "at_zero", "radius", "alpha")),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class PointPart(Part):
    """A layer that does the same to every entry.

    settings   those of the function in C
    """

    settings: dict[str, float]

    def structure(self) -> Any:
        return PointFunctionC(**self.sizes, **self.settings)


def point(site: Site) -> Part:
    """The part of a point function."""
    layer: PointFunction = site.layer
    function, settings = FUNCTIONS[type(layer)], {}
    if isinstance(layer, ReLU | LeakyReLU):
        left = layer.slope if isinstance(layer, LeakyReLU) else 0.0
        settings = {"left": left, "at_zero": left + layer.derivative_at_zero * (1 - left)}
    if isinstance(layer, ReLU) and layer.radius:
        function, settings = "rounded_rectifier", {"radius": layer.radius}
    if isinstance(layer, ELU):
        settings = {"alpha": layer.alpha}
    return PointPart(**site.fields(), function=function, settings=settings)


def identity(site: Site) -> Part:
    """A part that copies."""
    settings = {"left": 1.0, "at_zero": 1.0}
    return PointPart(**site.fields(), function="rectifier", settings=settings)
