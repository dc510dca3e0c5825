"""The inputs of a batch as C reads them: rows of the data, which it standardises on its way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.structures import InputsC, address
from cnntrain.nn.samples import Rows, Samples
from cnntrain.nn.shapes import Array

KINDS = {"uint8": 0, "float32": 1, "float64": 2}  # as inputs.h numbers them


class Inputs:
    """Those of `samples`, for a network whose numbers are of `dtype`."""

    def __init__(self, samples: Samples, dtype: DTypeLike) -> None:
        rows = samples.rows()
        if rows.x.dtype.name not in KINDS or not rows.x.dtype.isnative:
            rows = _ready(samples, dtype)
        elif not rows.x[:1].flags.c_contiguous or not _without_gaps(rows.x):
            taken = np.ascontiguousarray(rows.x[rows.numbers])
            rows = Rows(taken, np.arange(len(taken)), rows.mean, rows.std)
        shape = rows.x.shape[1:] if rows.x.ndim == 4 else (1, 1, *rows.x.shape[1:])
        kind = KINDS[rows.x.dtype.name]
        self._given = InputsC(address(rows.x), kind, None, *shape)
        self._numbers = np.ascontiguousarray(rows.numbers, dtype=np.int64)
        self._kept: list[Array] = [rows.x]  # as long as C may read them
        if rows.mean is None or rows.std is None:
            return
        if kind == KINDS["uint8"]:
            self._given.scale = self._keep((1 / rows.std).astype(dtype))
            self._given.shift = self._keep((-rows.mean / rows.std).astype(dtype))
        else:
            self._given.mean, self._given.std = self._keep(rows.mean), self._keep(rows.std)

    def structure(self, start: int) -> Any:
        """From sample `start` on."""
        self._given.rows = (address(self._numbers) or 0) + 8 * start
        return self._given

    def _keep(self, array: Array) -> int | None:
        self._kept.append(array)
        return address(array)


def _without_gaps(x: Array) -> bool:
    return len(x) < 2 or x.strides[0] == x[0].nbytes


def _ready(samples: Samples, dtype: DTypeLike) -> Rows:
    """All of them, standardised."""
    inner, _ = samples.chunk(0, len(samples), dtype)
    x = np.ascontiguousarray(inner.transpose(3, 1, 2, 0) if inner.ndim == 4 else inner.T)
    return Rows(x, np.arange(len(x)))
