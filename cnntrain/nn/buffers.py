"""What training changes otherwise than by the gradient, such as running means: one flat vector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cnntrain.nn.layers import Layer
from cnntrain.nn.parameters import Parameter, Parameters
from cnntrain.nn.shapes import Array


def first_buffers(layers: Sequence[Layer], entries: Parameters, dtype: np.dtype[Any]) -> Array:
    """What they begin as.

    entries   where the arrays of each layer lie
    """
    buffers = np.empty(entries.count, dtype=dtype)
    for entry in entries:
        entry.view(buffers)[...] = layers[entry.layer].initial_buffer(entry.name, entry.shape)
    return buffers


def renewed_buffers(
    layers: Sequence[Layer], entries: Iterable[Parameter], buffers: Array, statistics: Array
) -> Array:
    """What a step makes of those `entries`, the others staying as they are; a new vector."""
    after = buffers.copy()
    for entry in entries:
        m, part = layers[entry.layer].renewal, slice(entry.start, entry.stop)
        after[part] += m * (statistics[part] - buffers[part])
    return after
