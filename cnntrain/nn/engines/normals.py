"""Normal numbers, many for each word: in C where there is a library, in NumPy where there is none.
Both do the same operations in the same order, so that the bits are the same."""

from __future__ import annotations

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.compiled.functions import function
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.compiled.structures import address
from cnntrain.nn.shapes import Array


def normals_from(words: Array, count: int) -> Array:
    """`count` standard normal numbers for each word (n,), as (n, count) float64: those of the words
    that follow from it."""
    library = load()
    if isinstance(library, str):
        return randomness.as_normal(randomness.words_from(words, count))
    words, result = np.ascontiguousarray(words), np.empty((len(words), count))
    function(library, "normals")(address(words), address(result), len(words), count)
    return result
