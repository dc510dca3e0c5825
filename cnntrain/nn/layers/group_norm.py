"""Group normalisation: the channels of a sample, some at a time, to mean 0 and variance 1."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Weights
from cnntrain.nn.layers.normalization import Normalization, by_channel
from cnntrain.nn.shapes import Array, MisfitError, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import Count, Positive


class GroupNorm(Normalization):
    """Normalises groups of channels of each sample to mean 0 and variance 1, then scales them.

    y[c] = w[c] (x[c] - m) / sqrt(v + epsilon) + b[c], any shape (Wu and He 2018).
    x (C, H, W, n) or (C, n) -> y alike; weight (C,) and bias (C,), which begin as 1 and 0.

    m and v are mean and variance (of all entries, not of all but one) of a sample over the group
    of successive channels with c, rows and columns.  One group is layer normalisation, as many as
    channels are instance normalisation.  Samples are independent: evaluation does the same as
    training, for batches of any size.  Weight decay acts on neither parameter.
    """

    also = "groupnormalization gn instancenorm instancenorm2d layernorm layernormalization"

    type: Literal["group_norm"] = "group_norm"
    groups: Count = setting(
        "Number of groups of channels, of which it is a divisor.", also="group numgroups"
    )
    epsilon: Positive = setting("Added to the variance.", 1e-5, also="eps")

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where the groups do not divide the channels, or leave one entry each."""
        super().check_input(shape)
        if shape[0] % self.groups:
            raise MisfitError(
                f"its {self.groups} groups do not divide the {shape[0]} channels that reach it "
                f"(groups: {math.gcd(self.groups, shape[0])}, or another divisor)",
                "groups",
            )
        if math.prod(shape) == self.groups:
            raise MisfitError(
                f"its {self.groups} groups have one entry each, which would become 0 "
                "(fewer groups)",
                "groups",
            )

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        normal = context.array("normal", x.shape, x.dtype)
        groups = self._groups(normal)
        np.subtract(self._groups(x), self._means(self._groups(x)), out=groups)
        scale = self._means(np.square(groups, out=self._scratch(x, context)))
        scale += self.epsilon
        np.sqrt(scale, out=scale)
        np.divide(1, scale, out=scale)
        groups *= scale
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        np.multiply(normal, by_channel(w["weight"], x), out=y)
        y += by_channel(w["bias"], x)
        return y, (normal, scale) if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        """dl/dx = P (w dl/dy), P being the Jacobian of the normalisation, which is symmetric."""
        normal, scale = cache
        product = np.multiply(dy, normal, out=context.scratch("product", dy.shape, dy.dtype))
        np.sum(product.reshape(len(dy), -1), axis=1, out=dw["weight"])
        np.sum(dy.reshape(len(dy), -1), axis=1, out=dw["bias"])
        if not need_dx:
            return None
        dy *= by_channel(w["weight"], dy)
        return self._projected(dy, normal, scale, context)

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = w P dx + dw (x - m) / sqrt(v + epsilon) + db."""
        normal, scale = cache
        dy = self._projected(dx, normal, scale, context)
        dy *= by_channel(w["weight"], dy)
        dy += normal * by_channel(dw["weight"], dy)
        dy += by_channel(dw["bias"], dy)
        return dy

    def _projected(self, d: Array, normal: Array, scale: Array, context: Context) -> Array:
        """P d = (d - mean(d) - z mean(z d)) / sqrt(v + epsilon) with the normalised z, in place."""
        product = np.multiply(d, normal, out=context.scratch("product", d.shape, d.dtype))
        along = self._means(self._groups(product))
        np.multiply(self._groups(normal), along, out=self._groups(product))
        d -= product
        groups = self._groups(d)
        groups -= self._means(groups)
        groups *= scale
        return d

    def _groups(self, x: Array) -> Array:
        """A view of `x` as (groups, C / groups, rows, columns, n)."""
        size = x.shape[1:-1] or (1, 1)
        return x.reshape(self.groups, -1, *size, x.shape[-1])

    def _means(self, groups: Array) -> Array:
        """The mean over each group, (groups, 1, 1, 1, n): of rows first, then of their sums, so
        that rounding errors do not add up."""
        total = groups.sum(axis=3).sum(axis=2).sum(axis=1)[:, None, None, None]
        total /= math.prod(groups.shape[1:4])
        return np.asarray(total)

    def _scratch(self, x: Array, context: Context) -> Array:
        return self._groups(context.scratch("product", x.shape, x.dtype))
