"""Settings that a number is drawn from: how much of something is done to a sample."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain.settings.types import AList, AReal, Range, from_integer, tagged

Array = NDArray[Any]
Fraction = Annotated[float, Field(gt=0, le=1)]

# A number stands for the range from its negative to itself.
_Larger = Annotated[float, Field(ge=-1, le=100)]
Change = Annotated[
    Annotated[Fraction, AReal] | Annotated[Range[_Larger], AList], tagged(), from_integer
]


def between(bounds: float | tuple[float, float], u: Array) -> Array:
    """Uniform numbers in (0, 1] as numbers between two bounds, or one number again and again."""
    low, high = bounds if isinstance(bounds, tuple) else (bounds, bounds)
    return low + (high - low) * u


def around_zero(most: float | tuple[float, float], u: Array) -> Array:
    """Uniform numbers in (0, 1] as numbers from -most to most, or between two bounds."""
    return between(most if isinstance(most, tuple) else (-most, most), u)


def heights(
    share: float | tuple[float, float],
    ratio: float | tuple[float, float],
    u: Array,
    height: int,
    width: int,
) -> tuple[Array, Array]:
    """Heights of rectangles in an image of height x width, as real numbers, and their areas.

    h = sqrt(f H W r) for a share f of the area and a ratio r of height to width, each drawn by a
    column of `u` (n, 2), and such that both h and the width, area / h, fit into the image.
    """
    area = height * width * between(share, u[:, 0])
    high = np.sqrt(area * between(ratio, u[:, 1])).clip(area / width, height)
    return high, area
