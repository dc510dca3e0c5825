"""Initial weights: w_0 "chosen at random near the origin" (Section 4 of the note).

Biases start at 0.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.settings import Described, Family, setting
from cnntrain.settings.types import Positive

Weight = NDArray[np.float64]


class Initializer(Described):
    """One way to choose the initial weights of a layer.

    breaks_symmetry   whether the units of a layer start with different weights
    """

    breaks_symmetry: ClassVar[bool] = True

    def weight(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, *key: randomness.Key
    ) -> Weight:
        """Initial weights of `shape`, a function of `key`.

        fan_in    inputs that reach one output
        fan_out   outputs that one input reaches
        """
        return self.values(math.prod(shape), fan_in, fan_out, *key).reshape(shape)

    @abstractmethod
    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        """`count` weights."""


class HeNormal(Initializer):
    """Normal weights of standard deviation sqrt(2 / fan_in) (He et al. 2015)."""

    also = "he kaiming kaimingnormal"

    type: Literal["he_normal"] = "he_normal"

    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        return np.asarray(np.sqrt(2.0 / fan_in) * randomness.normal(count, *key))


class GlorotUniform(Initializer):
    """Uniform weights within +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""

    also = "glorot xavier xavieruniform"

    type: Literal["glorot_uniform"] = "glorot_uniform"

    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        limit = np.sqrt(6.0 / (fan_in + fan_out))
        return np.asarray(limit * (2.0 * randomness.uniform(count, *key) - 1.0))


class Zeros(Initializer):
    """Weights of 0: for the last layer only, hidden units would stay alike."""

    breaks_symmetry = False

    type: Literal["zeros"] = "zeros"

    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        return np.zeros(count)


class Gaussian(Initializer):
    """Normal weights of a given standard deviation."""

    also = "normal"

    type: Literal["gaussian"] = "gaussian"
    std: Positive = setting("Standard deviation of the weights.", also="scale sigma stdev stddev")

    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        return self.std * randomness.normal(count, *key)


class Constant(Initializer):
    """All weights equal."""

    also = "fixed zero zeros"
    breaks_symmetry = False

    type: Literal["constant"] = "constant"
    value: float = setting("The weight.")

    def values(self, count: int, fan_in: int, fan_out: int, *key: randomness.Key) -> Weight:
        return np.full(count, self.value)


INITIALIZERS: Family[Initializer] = Family(HeNormal, GlorotUniform, Zeros, Gaussian, Constant)

# Of the layer that feeds the loss, where a config does not say otherwise (as Goyal et al. 2017):
# all classes start about equally likely, and the loss near ln(classes).
NEAR_ORIGIN = Gaussian(std=0.01)

Init = Annotated[Initializer, INITIALIZERS]
INIT_HELP = (
    "Initial weights; biases start at 0. In the layer that feeds the loss, the last one with "
    "weights, they are {type: gaussian, std: 0.01} unless given or in a block."
)
INIT_ALSO = "initializer kernelinitializer weightinit"
