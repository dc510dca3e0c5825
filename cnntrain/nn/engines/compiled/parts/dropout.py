"""Dropout (dropout.h)."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.compiled.parts.part import Key, Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE
from cnntrain.nn.layers import Dropout
from cnntrain.nn.shapes import Array


class DropoutC(ctypes.Structure):
    """Dropout."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        *((name, ctypes.c_int64) for name in ("channels", "height", "width", "threshold")),
        ("scale", ctypes.c_double),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class DropoutPart(Part):
    """A dropout layer."""

    function: str = "dropout"
    dropout: Dropout

    def structure(self) -> Any:
        threshold, scale = self.dropout.threshold, self.dropout.scale
        return DropoutC(**self.sizes, threshold=threshold, scale=scale)

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Which entries are not set to 0."""
        return math.prod(self.input)

    def drawn(self, rng_key: Key | None) -> Array:
        """Whether it acts, and the key of its random words."""
        if rng_key is None:
            return np.zeros(3, dtype=np.int64)
        key = randomness.philox_key("dropout", *rng_key, self.number)
        return np.array([1, *key.view(np.int64)])


def dropout(site: Site) -> Part:
    """The part of a dropout layer."""
    return DropoutPart(**site.fields(), dropout=site.layer)
