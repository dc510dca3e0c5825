"""Group normalisation (group_norm.h)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import GroupNormC
from cnntrain.nn.layers import GroupNorm


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupNormPart(Part):
    """A group normalisation."""

    function: str = "group_norm"
    norm: GroupNorm

    def structure(self) -> Any:
        channels, *size = self.input
        height, width = size or (1, 1)
        return GroupNormC(
            channels=channels,
            height=height,
            width=width,
            parts=self.norm.groups,
            epsilon=self.norm.epsilon,
        )

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Mean and standard deviation of each group of channels."""
        return 2 * self.norm.groups * dtype.itemsize


def group_norm(site: Site) -> Part:
    """The part of a group normalisation."""
    return GroupNormPart(**site.fields(), norm=site.layer)
