"""Dropout: in training, entries are left out at random."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import Share


class Dropout(Layer):
    """In training, sets entries to 0 at random and scales the others up; otherwise does nothing.

    y = x m / (1 - rate), any shape, where every entry of the mask m is 0 with probability `rate`
    and 1 otherwise, by itself (Srivastava et al. 2014).  So y has the mean x, and evaluation takes
    y = x.

    The mask of a sample is a function of seed, epoch, step, layer and the number of the sample in
    its batch: the same for any chunks and workers, and after a resume.
    """

    also = "dropoutlayer"
    keeps_shape: ClassVar[bool] = True
    same_in_training: ClassVar[bool] = False
    owns_output: ClassVar[bool] = False  # in evaluation it is the input

    type: Literal["dropout"] = "dropout"
    rate: Share = setting(
        "Probability that an entry is set to 0.",
        also="dropprob dropoutrate p prob probability ratio",
    )

    @property
    def threshold(self) -> int:
        """Entries whose random word of 32 bits is below are set to 0."""
        return round(self.rate * 2**32)

    @property
    def scale(self) -> float:
        """What the others are multiplied by."""
        return 1 / (1 - self.rate)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return math.prod(shape)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        if not context.training:
            return x, None
        scaled_mask = self._scaled_mask(x, context)
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        return np.multiply(x, scaled_mask, out=y), scaled_mask

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        dx: Array = np.multiply(dy, cache, out=dy)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = dx m / (1 - rate), with the same mask."""
        dy: Array = np.multiply(dx, cache, out=dx)
        return dy

    def _scaled_mask(self, x: Array, context: Context) -> Array:
        """m / (1 - rate), for each sample from random words of its own, an entry a word."""
        *shape, n = x.shape
        words = context.words(math.prod(shape), n, "dropout")
        kept = np.ascontiguousarray((words >= self.threshold).T)
        scaled = context.array("mask", x.shape, x.dtype)
        np.multiply(kept.reshape(x.shape), x.dtype.type(self.scale), out=scaled)
        return scaled
