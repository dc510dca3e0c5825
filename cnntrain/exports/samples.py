"""Inputs on which an exported network is compared with the one here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data import load_dataset
from cnntrain.errors import CnntrainError
from cnntrain.exports.program import Program
from cnntrain.models.model import Model

Array = NDArray[Any]
RANDOM = 256  # inputs


@dataclass(frozen=True, eq=False)
class Samples:
    """Of one part of the data.

    part   its name; "random" where the data are not there
    x      inputs (N, H, W, C) or (N, d)
    y      labels (N,) or targets (N, e); None of random inputs
    """

    part: str
    x: Array
    y: Array | None

    @classmethod
    def of(cls, program: Program, model: Model) -> Samples:
        """The validation part of what `model` was trained on; where there is none, another."""
        try:
            classes = None if model.class_names is None else model.network.outputs
            dataset = load_dataset(model.config.data, classes)
            name = next(part for part in ("validation", "test", "train") if part in dataset.parts)
            part = dataset.part(name)
            if part.x.shape[1:] == program.input_shape:
                return cls(name, part.x, part.y)
        except CnntrainError:
            pass  # the data are elsewhere
        return cls("random", _random(program), None)

    def first(self, count: int) -> Samples:
        """At most so many of them."""
        return Samples(self.part, self.x[:count], None if self.y is None else self.y[:count])


def _random(program: Program) -> Array:
    """Inputs in the range of those trained on, or within two deviations of their mean."""
    generator = np.random.default_rng(0)
    shape = (RANDOM, *program.input_shape)
    if program.inputs is None:
        return generator.standard_normal(shape).astype(np.float32)
    dtype, low, high = program.inputs
    if np.dtype(dtype).kind in "biu":
        return generator.integers(int(low), int(high) + 1, shape).astype(dtype)
    return generator.uniform(low, high, shape).astype(np.float32)
