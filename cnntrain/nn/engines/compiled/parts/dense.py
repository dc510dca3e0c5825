"""Dense + rectifier in one call (dense.h)."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any, ClassVar

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.rectifier import rectifier
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE, ActivationC


class DenseC(ctypes.Structure):
    """Dense layer, activation."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        ("inputs", ctypes.c_int64),
        ("units", ctypes.c_int64),
        ("activation", ActivationC),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class DensePart(Part):
    """A dense layer, and the rectifier that follows."""

    function: str = "dense"
    activation: ActivationC | None

    def structure(self) -> Any:
        result = DenseC(inputs=math.prod(self.input), units=self.output[0])
        if self.activation:
            result.activation = self.activation
        return result


def dense(site: Site) -> Part:
    """The part that begins with a dense layer."""
    activation = rectifier(site.after(1))
    return DensePart(**site.fields(1 if activation is None else 2), activation=activation)
