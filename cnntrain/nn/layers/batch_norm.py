"""Batch normalisation: each channel, over the samples of a batch, to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Weights
from cnntrain.nn.layers.moments import Moments
from cnntrain.nn.layers.normalization import Normalization, by_channel
from cnntrain.nn.shapes import Array, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import AnInteger, AWord, Count, Positive, tagged

Group = Annotated[Annotated[Literal["batch"], AWord] | Annotated[Count, AnInteger], tagged()]


class BatchNorm(Normalization):
    """Normalises each channel over the batch to mean 0 and variance 1, then scales it.

    y[c] = w[c] z[c] + b[c],   z[c] = (x[c] - m[c]) / sqrt(v[c] + epsilon)

    x (C, H, W, n) or (C, n) -> y alike; weight (C,) and bias (C,), which begin as 1 and 0 (Ioffe
    and Szegedy 2015).  In training m and v are mean and variance (of all entries, not of all but
    one) over samples, rows and columns: of the whole mini-batch, or of each `group` of so many
    samples in a row (ghost batches, Hoffer et al. 2017), the last one perhaps smaller.

    Evaluation takes running statistics instead, which begin as 0 and 1.  After each step

        r <- (1 - momentum) r + momentum s

    s being m and the unbiased variance v N / (N - 1) over N entries, averaged over the samples of
    the batch where there are several groups.  Weight decay acts on no parameter.
    """

    also = (
        "batchnorm batchnorm1d batchnorm2d batchnormalization bn normalization "
        "ghostbatchnorm ghostnorm"
    )
    acts_per_sample: ClassVar[bool] = False
    same_in_training: ClassVar[bool] = False

    type: Literal["batch_norm"] = "batch_norm"
    group: Group = setting(
        "Samples over which statistics are taken: the whole batch, or so many in a row. Multiples "
        "of 16 are the fastest.",
        "batch",
    )
    momentum: float = setting("Share of a step's statistics in the running ones.", 0.1, gt=0, le=1)
    epsilon: Positive = setting("Added to the variance.", 1e-5, also="eps")

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"running_mean": (shape[0],), "running_var": (shape[0],)}

    def initial_buffer(self, name: str, shape: Shape) -> Array:
        return np.ones(shape) if name == "running_var" else np.zeros(shape)

    @property
    def renewal(self) -> float:
        return self.momentum

    @property
    def statistics_over(self) -> int | Literal["batch"]:
        return self.group

    # Statistics ------------------------------------------------------------------------------

    def gather(self, x: Array, w: Weights, context: Context) -> Moments:
        """The moments of the chunk, to be added to those of the others."""
        return Moments.of(x)

    def gather_back(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context
    ) -> Array:
        """dl/dw and dl/db of the chunk, (2, C), to be added to those of the others."""
        normal, _, _ = cache
        sums = _sums(dy, normal, context)
        dw["weight"][...], dw["bias"][...] = sums
        return sums

    def _groups(self, n: int) -> Iterator[slice]:
        """The samples of a chunk that have statistics of their own."""
        size = n if self.group == "batch" else self.group
        return (slice(start, min(start + size, n)) for start in range(0, n, size))

    # Mathematics -----------------------------------------------------------------------------

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        normal, scales, counts = context.array("normal", x.shape, x.dtype), [], []
        own = context.training and not context.fixed
        for some in self._groups(x.shape[-1]) if own else (slice(None),):
            part = x[..., some]
            if own:
                moments = context.gathered or Moments.of(part)
                mean, variance = moments.mean.astype(x.dtype), moments.variance.astype(x.dtype)
                context.note("running_mean", part.shape[-1] * moments.mean)
                context.note("running_var", part.shape[-1] * moments.unbiased)
                counts.append(moments.count)
            else:
                mean, variance = w["running_mean"], w["running_var"]
            scale = 1 / np.sqrt(variance + x.dtype.type(self.epsilon))
            np.subtract(part, by_channel(mean, x), out=normal[..., some])
            normal[..., some] *= by_channel(scale, x)
            scales.append(scale)
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        np.multiply(normal, by_channel(w["weight"], x), out=y)
        y += by_channel(w["bias"], x)
        return y, (normal, scales, counts) if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        """dl/dx = P (w dl/dy), P being the Jacobian of the normalisation, which is symmetric."""
        if context.gathered is None:  # else they are there
            self.gather_back(dy, cache, w, dw, context)
        if not need_dx:
            return None
        dy *= by_channel(w["weight"], dy)
        return self._projected(dy, cache, w["weight"], context)

    def _projected(self, d: Array, cache: Any, weight: Array, context: Context) -> Array:
        """P d = (d - mean(d) - z mean(z d)) / sqrt(v + epsilon) with the normalised z, in place;
        with fixed statistics P d = d / sqrt(v + epsilon).

        weight   what the sums of all chunks, if they were gathered, lack
        """
        normal, scales, counts = cache
        for k, some in enumerate(self._groups(d.shape[-1]) if counts else (slice(None),)):
            part, z = d[..., some], normal[..., some]
            if counts:
                gathered = context.gathered
                sums = _sums(part, z, context) if gathered is None else gathered * weight
                along, level = (sums / counts[k]).astype(d.dtype)
                less = context.scratch("product", part.shape, d.dtype)
                np.multiply(z, by_channel(along, d), out=less)
                less += by_channel(level, d)
                part -= less
            part *= by_channel(scales[k], d)
        return d


def _sums(d: Array, normal: Array, context: Context) -> Array:
    """The sums of z d and of d over all entries of a channel, (2, C) float64."""
    product = np.multiply(d, normal, out=context.scratch("product", d.shape, d.dtype))
    totals = [each.sum(axis=-1).reshape(len(d), -1) for each in (product, d)]
    return np.stack([total.sum(axis=1, dtype=np.float64) for total in totals])
