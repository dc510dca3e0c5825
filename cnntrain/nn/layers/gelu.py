"""Gaussian error linear unit: the point function h(x) = x Phi(x)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.gaussian import distribution_and_density
from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.shapes import Array


class GELU(PointFunction):
    """Gaussian error linear unit, x times the normal distribution function at x.

    y = x Phi(x), any shape (Hendrycks and Gimpel 2016); exact, as PyTorch's default is, not the
    approximation by tanh.

    h(0) = 0 and h'(0) = 1/2.  The smallest value is -0.16997, at x = -0.75179; on the left h and
    h' tend to 0, on the right to x and 1.  h'(x) = Phi(x) + x phi(x) with phi = Phi'.
    """

    also = "gaussianerrorlinear gaussianerrorlinearunit"
    operations = 60

    type: Literal["gelu"] = "gelu"

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        distribution, density = distribution_and_density(x)
        if slope is not None:
            np.multiply(x, density, out=slope)
            slope += distribution
        np.multiply(x, distribution, out=y)
