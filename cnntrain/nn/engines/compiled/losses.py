"""The losses in C: exp and log are those of elementary.h, the same bits on every machine."""

from __future__ import annotations

from ctypes import byref
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import PrivateAttr

from cnntrain.nn.engines.compiled.functions import Function, functions
from cnntrain.nn.engines.compiled.library import Library
from cnntrain.nn.engines.compiled.structures import LANES, ImageC, LossC, address, aligned_zeros
from cnntrain.nn.losses import BatchTotals, CrossEntropy, Loss, Quadratic
from cnntrain.nn.shapes import Array

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def in_c(loss: Loss, library: Library) -> Loss:
    """The same loss in C, if there is a kernel."""
    kinds: dict[type, type[InC]] = {
        CrossEntropy: CompiledCrossEntropy,
        Quadratic: CompiledQuadratic,
    }
    kind = kinds.get(type(loss))
    if kind is None:
        return loss
    result = kind(**{name: getattr(loss, name) for name in type(loss).model_fields})
    result._library = library
    return result


class InC(Loss):
    """A loss whose functions are one in C, called `kernel` there."""

    kernel: ClassVar[str]
    _library: Library = PrivateAttr()

    def function(self, dtype: DTypeLike) -> Function:
        """The one in C."""
        return functions(self._library, np.dtype(dtype))[self.kernel]

    def structure(self, outputs: int, y: Array) -> LossC:
        """What it is given, but for addresses of z, p and values.  `y` is kept by the caller."""
        result = LossC(outputs=outputs, smoothing=getattr(self, "label_smoothing", 0.0))
        if y.ndim == 1:
            result.labels = address(y)
        else:
            result.targets = address(y)
        if self.weights is not None:
            result.weights = address(self.weights)
        return result

    def outputs(self, output: Array) -> Array:
        return self._called(output, np.zeros(output.shape[1], dtype=np.int64), trains=False)[0]

    def values(self, output: Array, y: Array) -> Array:
        return self._called(output, y, trains=False)[1]

    def gradient(self, output: Array, y: Array) -> Array:
        return self._called(output, y, trains=True)[0]

    def totals_and_gradient(self, output: Array, y: Array) -> tuple[BatchTotals, Array]:
        gradient, _, given = self._called(output, y, trains=True)
        return totals(given, self.weight(y)), gradient

    def _called(self, output: Array, y: Array, trains: bool) -> tuple[Array, Array, LossC]:
        """Outputs or, in training, their gradient; the losses; what else the function gave."""
        y = labels_or_targets(y)
        classes, n = output.shape
        room = -(-n // LANES) * LANES
        z, p = (aligned_zeros((classes, room), output.dtype) for _ in range(2))
        z[:, :n] = output
        values = aligned_zeros((room,), output.dtype)
        given: Any = self.structure(classes, y)
        given.samples, given.share, given.trains = n, 1.0, trains
        given.z, given.p = (ImageC(address(array), LANES, room, 0) for array in (z, p))
        given.values = address(values)
        self.function(z.dtype)(byref(given))
        return p[:, :n], values[:n], given


class CompiledCrossEntropy(InC, CrossEntropy):
    """As its base, to the last bits but one."""

    kernel = "cross_entropy"


class CompiledQuadratic(InC, Quadratic):
    """Likewise."""

    kernel = "quadratic"


def labels_or_targets(y: Array) -> Array:
    """As C wants them."""
    return np.ascontiguousarray(y, dtype=np.int64 if y.ndim == 1 else np.float64)


def totals(given: Any, weight: float | None) -> BatchTotals:
    """What a function in C has counted, of samples that weigh so much together."""
    return BatchTotals(given.samples, given.loss, given.errors, given.ties, weight)
