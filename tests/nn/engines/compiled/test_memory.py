"""The memory of a worker is large enough for chunks of any number of groups up to its own."""

from __future__ import annotations

from ctypes import addressof

import numpy as np
import pytest
from layer_cases import CASES

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.engines.compiled.memory import Memory
from cnntrain.nn.engines.compiled.parts import Part, parts
from cnntrain.nn.layers import Conv

WINOGRAD = Conv(filters=16, kernel=3, padding="same")
LAYERS = [*CASES.values(), *((WINOGRAD, (16, size, size)) for size in (10, 12, 18, 20))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scratch_memory_suffices_for_fewer_groups(dtype, library):
    """Of Winograd's blocks of tiles, fewer may be larger."""
    found = functions(library, np.dtype(dtype))
    for layer, shape in LAYERS:
        (part,) = parts([layer], [shape, layer.output_shape(shape)], "winograd")
        if not isinstance(part, Part):
            continue  # it stays in NumPy
        for groups in range(1, 7):
            memory = Memory([part], groups, dtype, found)
            (given,) = memory.arguments
            assert given.groups == groups
            for given.groups in range(1, groups + 1):
                needed = found.get(f"{part.function}_scratch", lambda at: 0)(addressof(given))
                assert memory.scratch.size >= needed
