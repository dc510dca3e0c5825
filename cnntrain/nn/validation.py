"""Validation of what callers hand to a network."""

from __future__ import annotations

from cnntrain.errors import UsageError
from cnntrain.nn.shapes import Array


def check_parameters(count: int, w: Array) -> None:
    """UsageError unless `w` is a vector of `count` parameters."""
    if w.shape != (count,):
        raise UsageError(f"w has shape {w.shape}, expected ({count},)")


def check_buffers(count: int, buffers: Array | None) -> None:
    """UsageError unless `buffers` is a vector of `count` numbers; where there are none it need not
    be given."""
    if (buffers is None and count) or (buffers is not None and buffers.shape != (count,)):
        found = "are missing" if buffers is None else f"have shape {buffers.shape}"
        raise UsageError(f"buffers {found}, expected ({count},): initial_buffers() or trained ones")


def check_inputs(input_shape: tuple[int, ...], x: Array) -> None:
    """UsageError unless `x` holds samples of `input_shape`; one channel need not be written."""
    shape = x.shape[1:]
    fits = shape == input_shape or (len(shape) == 2 and (*shape, 1) == input_shape)
    if x.ndim == 0 or not fits or x.dtype.kind not in "biuf":
        size = ", ".join(str(n) for n in input_shape)
        raise UsageError(
            f"x has shape {x.shape} and type {x.dtype}, expected numbers of shape (N, {size})"
        )


def check_targets(outputs: int, x: Array, y: Array, labels_only: bool) -> None:
    """UsageError unless `y` holds a label or, without `labels_only`, a target vector for each
    sample of `x`, of which there is at least one."""
    if len(x) == 0:
        raise UsageError("x is empty, expected one sample or more")
    if y.shape[:1] != (len(x),):
        raise UsageError(f"y has shape {y.shape}, expected an entry for each of {len(x)} samples")
    if y.ndim == 1 and y.dtype.kind in "iu":
        wrong = (y < 0) | (y >= outputs)
        if wrong.any():
            index = int(wrong.argmax())
            raise UsageError(f"label {index} of y is {y[index]}, allowed is 0 to {outputs - 1}")
    elif labels_only or y.shape[1:] != (outputs,) or y.dtype.kind not in "biuf":
        vectors = "" if labels_only else f", or real numbers (N, {outputs}) as targets"
        raise UsageError(
            f"y has type {y.dtype} and shape {y.shape}, expected whole numbers (N,) as labels"
            f"{vectors}"
        )
