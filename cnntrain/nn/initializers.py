"""Initial weights: w_0 "chosen at random near the origin" (Section 4 of the note).

Biases start at 0.  fan_in and fan_out are the numbers of inputs that reach one output and of
outputs that one input reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness

Init = str | Mapping[str, Any]


def initial_weight(
    init: Init, shape: tuple[int, ...], fan_in: int, fan_out: int, *key: randomness.Key
) -> NDArray[np.float64]:
    """Weights of `shape`, a function of `key`.

    he_normal        normal, standard deviation sqrt(2 / fan_in)       (He et al. 2015)
    glorot_uniform   uniform in +-sqrt(6 / (fan_in + fan_out))         (Glorot, Bengio 2010)
    gaussian         normal, standard deviation `std`
    constant         all equal to `value`
    zeros            all 0: only for the last layer, hidden units would stay alike
    """
    kind, settings = (init, {}) if isinstance(init, str) else (init["type"], init)
    count = int(np.prod(shape))
    if kind == "he_normal":
        flat = np.sqrt(2.0 / fan_in) * randomness.normal(count, *key)
    elif kind == "glorot_uniform":
        limit = np.sqrt(6.0 / (fan_in + fan_out))
        flat = limit * (2.0 * randomness.uniform(count, *key) - 1.0)
    elif kind == "gaussian":
        flat = settings["std"] * randomness.normal(count, *key)
    elif kind == "constant":
        flat = np.full(count, float(settings["value"]))
    elif kind == "zeros":
        flat = np.zeros(count)
    else:
        raise ValueError(f"unknown initializer {kind!r}")
    return np.asarray(flat, dtype=np.float64).reshape(shape)
