"""The inputs of a batch as C reads them: rows of the data, which it standardises on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.structures import InputsC, address
from cnntrain.nn.samples import Rows, Samples
from cnntrain.nn.shapes import Array, Shape

# As inputs.h numbers them.
BYTES = 0
KINDS = {np.dtype(np.uint8): BYTES, np.dtype(np.float32): 1, np.dtype(np.float64): 2}


@dataclass(frozen=True, eq=False)
class Source:
    """Of which kind rows are, and what standardises them: the same from batch to batch.

    given   to C, but for the addresses of the rows
    kept    the arrays that it points to
    """

    dtype: np.dtype[Any]
    shape: Shape
    statistics: tuple[Array | None, Array | None]
    given: Any
    kept: tuple[Array, ...]

    @classmethod
    def of(cls, rows: Rows, dtype: DTypeLike) -> Source:
        """That of `rows`, which have no gaps, for a network whose numbers are of `dtype`."""
        shape, mean, std = rows.x.shape[1:], rows.mean, rows.std
        given: Any = InputsC(None, KINDS[rows.x.dtype], None, *(1,) * (3 - len(shape)), *shape)
        kept: tuple[Array, ...] = ()
        if mean is not None and std is not None:
            if given.kind == BYTES:
                kept = (1 / std).astype(dtype), (-mean / std).astype(dtype)
                given.scale, given.shift = map(address, kept)
            else:
                kept = mean, std
                given.mean, given.std = map(address, kept)
        return cls(rows.x.dtype, shape, (mean, std), given, kept)

    def serves(self, rows: Rows) -> bool:
        """Whether these rows are of the same kind."""
        mean, std = self.statistics
        same = rows.x.dtype == self.dtype and rows.x.shape[1:] == self.shape
        return same and rows.mean is mean and rows.std is std


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
