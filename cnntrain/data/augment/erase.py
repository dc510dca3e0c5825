"""Rectangles of an image that are painted over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from cnntrain import randomness
from cnntrain.data.augment.amounts import Fraction, heights
from cnntrain.data.augment.augmentation import Array, Augmentation, Probability, Words, chosen
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError, Shape, pair
from cnntrain.settings import setting
from cnntrain.settings.types import (
    AList,
    AnInteger,
    Count,
    OrNone,
    Positive,
    RealOrRange,
    Sides,
    from_integer,
    tagged,
)


class Erase(Augmentation):
    """A rectangle of some images is painted over, or a stretch of some signals; it may reach over
    the edge.

    Its centre is any pixel of the image, all equally likely, so that it erases less at the edge
    (cutout: DeVries and Taylor, "Improved regularization of convolutional neural
    networks with cutout", 2017).

    Its height and width are `size`; or h = sqrt(f H W r) and w = f H W / h for a fraction f of the
    area of an image of H x W and a ratio r, each a number or drawn uniformly (random erasing: Zhong
    et al. 2020), h such that both fit into the image, rounded to whole pixels.

    It is filled with the mean of the training part in each channel, rounded to the type of the
    inputs, with zeros, or with pixels drawn uniformly from the range of the training part.
    """

    also = "coarsedropout cutout randomerasing"
    ranges: ClassVar[tuple[str, ...]] = ("fraction", "ratio")
    short: ClassVar[bool] = False
    draws: ClassVar[int] = 6

    type: Literal["erase"] = "erase"
    probability: Probability = setting(
        "Share of the samples of which something is erased.", 0.5, also="p prob"
    )
    fraction: Annotated[OrNone[RealOrRange[Fraction]], from_integer] = setting(
        "Area of the rectangle as a share of the image's, or [lowest, highest].",
        "none",
        also="area scale share",
    )
    ratio: Annotated[RealOrRange[Positive], tagged(), from_integer] = setting(
        "Height by width of a rectangle with that area, or [lowest, highest].",
        1.0,
        also="aspect aspectratio",
    )
    size: OrNone[Annotated[Count, AnInteger] | Annotated[Sides, AList]] = setting(
        "Its height and width in pixels instead; one number for both; [length] for signals.",
        "none",
        also="length",
    )
    fill: Literal["mean", "zero", "random"] = setting(
        "What is painted: the mean of the training part by channel, zero, or random pixels.",
        "mean",
        also="mode value",
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """There is a fraction or a size."""
        given = [key for key in ("fraction", "size") if values.get(key, "none") != "none"]
        if not given:
            yield None, "without a size, expected fraction, such as 0.25, or size, in pixels"
        if len(given) == 2:
            yield "size", "beside fraction, expected only one of them"
        yield from super().problems(values)

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where the rectangle is larger than the image."""
        super().check_input(shape)
        height, width = shape[:2]
        if self.size != "none":
            high, wide = self._fixed(height)
            if high > height or wide > width:
                there = f"{height}x{width} pixels" if height > 1 else f"{width} steps"
                raise MisfitError(
                    f"erase with size {high}x{wide} needs inputs as large, found {there} "
                    "(reduce it)",
                    "size",
                )

    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        height, width = x.shape[1:3]
        samples = np.flatnonzero(chosen(words, self.probability))
        words = words[samples]
        high, wide = self._sizes(words[:, 1:3], height, width)
        top = randomness.as_index(words[:, 3], height) - high // 2
        left = randomness.as_index(words[:, 4], width) - wide // 2
        paint = self._paint(words[:, 5], int((high * wide).max(initial=0)), x, part)
        # Slices, one a sample, are faster here than one mask for all of them.
        ends = [np.maximum(end, 0).tolist() for end in (top, top + high, left, left + wide)]
        for k, colors, i, i_end, j, j_end in zip(samples.tolist(), paint, *ends, strict=True):
            inside = x[k, i:i_end, j:j_end]
            if len(colors) > 1:
                colors = colors[: len(inside) * inside.shape[1]].reshape(inside.shape)
            inside[...] = colors
        return x

    def _sizes(self, words: Words, height: int, width: int) -> tuple[Array, Array]:
        """Height and width of each rectangle, whole numbers (n,)."""
        if self.size != "none":
            rows, columns = self._fixed(height)
            return np.full(len(words), rows), np.full(len(words), columns)
        assert self.fraction != "none"  # see `problems`
        u = randomness.as_uniform(words)
        real, area = heights(self.fraction, self.ratio, u, height, width)
        high = np.rint(real).clip(1)
        wide = np.rint(area / high).clip(1, width)
        return high.astype(np.int64), wide.astype(np.int64)

    def _fixed(self, height: int) -> tuple[int, int]:
        """`size` as height and width, for an image with so many rows or a signal, which has one."""
        assert self.size != "none"
        return (1, self.size) if height == 1 and isinstance(self.size, int) else pair(self.size)

    def _paint(self, words: Words, pixels: int, x: Array, part: Part) -> Array:
        """For each word what fills its rectangle: one color, (n, 1, C), or those of so many pixels,
        the most that there may be, (n, pixels, C)."""
        shape, whole = (len(words), pixels, x.shape[-1]), x.dtype.kind == "u"
        if self.fill != "random":
            mean = part.channel_means if self.fill == "mean" else np.zeros(shape[-1])
            color = (np.rint(mean) if whole else mean).astype(x.dtype)
            return np.broadcast_to(color, (len(words), 1, len(color)))
        drawn = randomness.words_from(words, pixels * shape[-1]).reshape(shape)
        low, high = part.input_range.minimum, part.input_range.maximum
        if whole:
            return int(low) + randomness.as_index(drawn, int(high - low) + 1)
        return low + (high - low) * randomness.as_uniform(drawn)
