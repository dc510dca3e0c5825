"""Group normalisation + rectifier in one call (group_norm.h)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.rectifier import rectifier
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE, ActivationC
from cnntrain.nn.layers import GroupNorm


class GroupNormC(ctypes.Structure):
    """Group normalisation."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        *((name, ctypes.c_int64) for name in ("channels", "height", "width", "parts")),
        ("epsilon", ctypes.c_double),
        ("activation", ActivationC),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupNormPart(Part):
    """A group normalisation, and the rectifier that follows."""

    function: str = "group_norm"
    norm: GroupNorm
    activation: ActivationC | None

    def structure(self) -> Any:
        result = GroupNormC(**self.sizes, parts=self.norm.groups, epsilon=self.norm.epsilon)
        if self.activation:
            result.activation = self.activation
        return result

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Mean and standard deviation of each group of channels."""
        return 2 * self.norm.groups * dtype.itemsize


def group_norm(site: Site) -> Part:
    """The part that begins with a group normalisation."""
    activation = rectifier(site.after(1))
    count = 1 if activation is None else 2
    return GroupNormPart(**site.fields(count), norm=site.layer, activation=activation)
