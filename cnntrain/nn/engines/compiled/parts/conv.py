"""Convolution + rectifier + max-pooling in one call (convolution.h, winograd.h)."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnntrain.nn.engines.compiled.parts.part import Key, Part
from cnntrain.nn.engines.compiled.parts.pool import order_of
from cnntrain.nn.engines.compiled.parts.rectifier import rectifier
from cnntrain.nn.engines.compiled.parts.site import Site, Way
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE, ActivationC, WindowsC
from cnntrain.nn.layers import Conv, MaxPool
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows

MOST_POSITIONS = 128  # of a pooling window, whose numbers are kept in 7 bits
FEWEST_CHANNELS = 16  # below that Winograd's products have no full rows
LARGEST = 2**31 - 1  # offset in an image, in numbers
LARGEST_KERNEL = 4096  # rows or columns


class ConvolutionC(ctypes.Structure):
    """Convolution, activation, max-pooling."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        ("channels", ctypes.c_int64),
        ("filters", ctypes.c_int64),
        ("parts", ctypes.c_int64),
        ("windows", WindowsC),
        ("activation", ActivationC),
        ("pools", ctypes.c_int64),
        ("pool", WindowsC),
        ("kernels", ctypes.c_void_p),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvPart(Part):
    """A convolution, the rectifier and the max-pooling that follow."""

    conv: Conv
    activation: ActivationC | None
    pool: MaxPool | None

    @property
    def pool_number(self) -> int:
        """Of the layer."""
        return self.number + 1 + (self.activation is not None)

    @property
    def convolved(self) -> Shape:
        """What pooling is given, of one sample."""
        return self.conv.output_shape(self.input)

    def structure(self) -> Any:
        result = ConvolutionC(
            channels=self.input[0],
            filters=self.conv.filters,
            parts=self.conv.groups,
            windows=WindowsC.of(self.conv.windows(self.input)),
        )
        if self.pool:
            result.pools = 1
            result.pool = WindowsC.of(self.pool.windows(self.convolved))
        if self.activation:
            result.activation = self.activation
        return result

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Which position holds each maximum."""
        return math.prod(self.output) if self.pool else 0

    def drawn(self, rng_key: Key | None) -> Array:
        if self.pool is None:
            return super().drawn(rng_key)
        return order_of(self.pool, self.convolved, rng_key, self.pool_number)


def conv(site: Site) -> Part | None:
    """The part that begins with a convolution; None where it is too large for the kernel."""
    layer: Conv = site.layer
    windows, channels = layer.windows(site.input), site.input[0]
    largest = max(channels, layer.filters) * math.prod(windows.padded) * 2 * 16
    if largest > LARGEST or max(windows.kernel) > LARGEST_KERNEL:
        return None
    activation = rectifier(site.after(1))
    count = 1 if activation is None else 2
    pool = _pool_that_fits(site, count)
    count += pool is not None
    winograd = layer.groups == 1 and _takes_winograd(windows, channels, site.way)
    return ConvPart(
        **{**site.fields(count), "room": (channels, *windows.padded)},
        before=(windows.padding[0], windows.padding[2]),
        function="winograd" if winograd else "convolution",
        prepares=winograd,
        conv=layer,
        activation=activation,
        pool=pool,
    )


def _pool_that_fits(site: Site, count: int) -> MaxPool | None:
    """The layer so many further on, if it is a pooling that the same call can do."""
    layer = site.after(count)
    if type(layer) is not MaxPool or layer.smooth != "none" or layer.ties == "split":
        return None
    return layer if layer.window_area(site.shapes[site.k + count]) <= MOST_POSITIONS else None


def _takes_winograd(windows: Windows, channels: int, way: Way) -> bool:
    """A function of the shape alone."""
    possible = windows.kernel == (3, 3) and windows.stride == windows.dilation == (1, 1)
    wanted = way == "winograd" or (way == "auto" and channels >= FEWEST_CHANNELS)
    return possible and wanted
