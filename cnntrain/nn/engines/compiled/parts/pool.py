"""Pooling in a call of its own (pooling.h says what a convolution does itself)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.compiled.parts.part import Key, Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE, WindowsC
from cnntrain.nn.layers import AvgPool, MaxPool
from cnntrain.nn.shapes import Array, Shape


class PoolC(ctypes.Structure):
    """Pooling."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        ("channels", ctypes.c_int64),
        ("windows", WindowsC),
        ("splits", ctypes.c_int64),
        ("beta", ctypes.c_double),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolPart(Part):
    """A pooling layer."""

    pool: MaxPool | AvgPool

    def structure(self) -> Any:
        pool = self.pool
        result = PoolC(channels=self.input[0], windows=WindowsC.of(pool.windows(self.input)))
        if isinstance(pool, MaxPool):
            result.splits = pool.ties == "split"
            result.beta = 0 if pool.smooth == "none" else pool.smooth
        return result

    def drawn(self, rng_key: Key | None) -> Array:
        if self.function != "max_pool":
            return super().drawn(rng_key)
        assert isinstance(self.pool, MaxPool)
        return order_of(self.pool, self.input, rng_key, self.number)


def pool(site: Site) -> Part:
    """The part of a pooling layer."""
    layer: MaxPool | AvgPool = site.layer
    smooth = isinstance(layer, MaxPool) and layer.smooth != "none"
    return PoolPart(**site.fields(), function="smooth_pool" if smooth else layer.word(), pool=layer)


def order_of(pool: MaxPool, shape: Shape, rng_key: Key | None, number: int) -> Array:
    """In which order the positions of a window on an input of `shape` claim a maximum, as
    `MaxPool`, layer `number`, draws it for a step; row by row where nothing is drawn."""
    count = pool.window_area(shape)
    if rng_key is None or pool.ties != "random":
        return np.arange(count)
    return randomness.permutation(count, "ties", *rng_key, number)
