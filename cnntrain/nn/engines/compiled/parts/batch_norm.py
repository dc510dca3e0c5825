"""Batch normalisation + rectifier in one call (batch_norm.h)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.rectifier import rectifier
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import LANES, OF_EVERY_STAGE, ActivationC
from cnntrain.nn.layers import BatchNorm


class BatchNormC(ctypes.Structure):
    """Batch normalisation."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        *((name, ctypes.c_int64) for name in ("channels", "height", "width", "over")),
        ("epsilon", ctypes.c_double),
        ("activation", ActivationC),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchNormPart(Part):
    """A batch normalisation, and the rectifier that follows."""

    function: str = "batch_norm"
    norm: BatchNorm
    activation: ActivationC | None

    def structure(self) -> Any:
        over = 0 if self.norm.group == "batch" else self.norm.group
        result = BatchNormC(**self.sizes, over=over, epsilon=self.norm.epsilon)
        if self.activation:
            result.activation = self.activation
        return result

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Mean and standard deviation of each channel, for every sixteen samples at most."""
        return -(-2 * self.input[0] * dtype.itemsize // LANES)

    @property
    def gathered(self) -> int:
        """A count, and two numbers for each channel."""
        return 0 if self.fixed or self.norm.group != "batch" else 1 + 2 * self.input[0]


def batch_norm(site: Site) -> Part | None:
    """The part that begins with a batch normalisation, if its groups are whole ones of sixteen."""
    norm: BatchNorm = site.layer
    if norm.group != "batch" and norm.group % LANES:
        return None
    activation = rectifier(site.after(1))
    count = 1 if activation is None else 2
    return BatchNormPart(**site.fields(count), norm=norm, activation=activation)
