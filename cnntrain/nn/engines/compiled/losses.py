"""Cross-entropy with the exp and log of elementary.h: the same bits on every machine."""

from __future__ import annotations

import numpy as np
from pydantic import PrivateAttr

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.engines.compiled.library import Library
from cnntrain.nn.engines.compiled.structures import address
from cnntrain.nn.losses import BatchTotals, CrossEntropy, Loss
from cnntrain.nn.shapes import Array


def in_c(loss: Loss, library: Library) -> Loss:
    """The same loss in C, if there is a kernel."""
    if type(loss) is not CrossEntropy:
        return loss
    result = CompiledCrossEntropy(**loss.model_dump())
    result._library = library
    return result


class CompiledCrossEntropy(CrossEntropy):
    """As its base, to the last bits but one."""

    _library: Library = PrivateAttr()

    def outputs(self, output: Array) -> Array:
        z = np.ascontiguousarray(output)
        p = np.empty_like(z)
        functions(self._library, z.dtype)["softmax"](address(z), address(p), *z.shape)
        return p

    def values(self, output: Array, y: Array) -> Array:
        z = np.ascontiguousarray(output)
        log_sums, tops = np.empty_like(z[0]), np.empty_like(z[0])
        log_sum = functions(self._library, z.dtype)["log_sum"]
        log_sum(address(z), address(log_sums), address(tops), *z.shape)
        return self._values(z, y, log_sums, tops)

    def totals_and_gradient(self, output: Array, y: Array) -> tuple[BatchTotals, Array]:
        p, labels = self.outputs(output), np.ascontiguousarray(y, dtype=np.int64)
        counts = np.empty(2, dtype=np.int64)
        count = functions(self._library, p.dtype)["count_errors"]
        count(address(p), address(labels), address(counts), *p.shape)
        loss = float(self.values(output, y).sum(dtype=np.float64))
        errors, ties = counts.tolist()
        return BatchTotals(len(y), loss, errors, ties), self._gradient(p, y)

    def gradient(self, output: Array, y: Array) -> Array:
        return self._gradient(self.outputs(output), y)
