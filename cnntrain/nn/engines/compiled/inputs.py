"""The inputs of a batch as C reads them: rows of the data, which it standardises on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.structures import InputsC, address
from cnntrain.nn.samples import Rows, Samples
from cnntrain.nn.shapes import Array

# As inputs.h numbers them.
BYTES = 0
KINDS = {np.dtype(np.uint8): BYTES, np.dtype(np.float32): 1, np.dtype(np.float64): 2}


@dataclass(frozen=True, eq=False)
class Source:
    """Where rows come from, and the arrays that `given` points to."""

    x: Array
    statistics: tuple[Array | None, Array | None]
    given: Any
    kept: tuple[Array, ...]

    @classmethod
    def of(cls, rows: Rows, dtype: DTypeLike) -> Source:
        """That of `rows`, which have no gaps, for a network whose numbers are of `dtype`."""
        x, mean, std = rows.x, rows.mean, rows.std
        shape = x.shape[1:] if x.ndim == 4 else (1, 1, *x.shape[1:])
        given: Any = InputsC(address(x), KINDS[x.dtype], None, *shape)
        kept: tuple[Array, ...] = ()
        if mean is not None and std is not None:
            if given.kind == BYTES:
                kept = (1 / std).astype(dtype), (-mean / std).astype(dtype)
                given.scale, given.shift = map(address, kept)
            else:
                given.mean, given.std = address(mean), address(std)
        return cls(x, (mean, std), given, kept)

    def serves(self, rows: Rows) -> bool:
        """Whether these are rows of the same."""
        mean, std = self.statistics
        return rows.x is self.x and rows.mean is mean and rows.std is std


def readable(samples: Samples, dtype: DTypeLike) -> Rows:
    """The inputs as rows that C can read; where it cannot read those of the data, a copy."""
    rows = samples.rows()
    x = rows.x
    if x.dtype not in KINDS:
        inner, _ = samples.chunk(0, len(samples), dtype)
        x = np.ascontiguousarray(inner.transpose(3, 1, 2, 0) if inner.ndim == 4 else inner.T)
        return Rows(x, np.arange(len(x)))
    if x.flags.c_contiguous:
        return rows
    x = np.ascontiguousarray(x[rows.numbers])
    return Rows(x, np.arange(len(x)), rows.mean, rows.std)
