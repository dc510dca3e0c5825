"""The structures of the C files, field by field."""

from __future__ import annotations

import ctypes
import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows

LANES = 16  # samples in a group
ALIGNMENT = 64  # bytes

_number, _address, _pair = ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64 * 2


class ImageC(ctypes.Structure):
    """Where images lie; strides count numbers, not bytes."""

    _fields_: ClassVar[Any] = [
        ("at", _address),
        ("group", _number),
        ("plane", _number),
        ("row", _number),
    ]


class WindowsC(ctypes.Structure):
    """Windows on an image."""

    _fields_: ClassVar[Any] = [
        (name, _pair) for name in ("size", "kernel", "stride", "before", "dilation", "output")
    ]

    @classmethod
    def of(cls, windows: Windows) -> WindowsC:
        """The same in C."""
        top, _, left, _ = windows.padding
        return cls(
            windows.size,
            windows.kernel,
            windows.stride,
            (top, left),
            windows.dilation,
            windows.output,
        )


class ActivationC(ctypes.Structure):
    """A rectified linear unit, leaky or not; by default none."""

    _fields_: ClassVar[Any] = [
        ("acts", _number),
        ("zero_is_low", _number),
        ("slope", ctypes.c_double),
    ]


OF_EVERY_STAGE: list[Any] = [
    ("groups", _number),
    *((name, ImageC) for name in ("x", "dx", "y", "dy")),
    *((name, _address) for name in ("weight", "bias", "dweight", "dbias")),
    ("need_dx", _number),
    ("kept", _address),
    ("scratch", _address),
    ("drawn", _address),
    *((name, _number) for name in ("start", "samples", "fixed")),
    *((name, _address) for name in ("buffers", "statistics", "gathered", "total")),
]


class LossC(ctypes.Structure):
    """Outputs of the last layer, and what is wanted of them."""

    _fields_: ClassVar[Any] = [
        ("z", ImageC),
        ("p", ImageC),
        ("outputs", _number),
        ("samples", _number),
        ("labels", _address),
        ("targets", _address),
        ("weights", _address),
        ("smoothing", ctypes.c_double),
        ("share", ctypes.c_double),
        ("trains", _number),
        ("values", _address),
        ("loss", ctypes.c_double),
        ("errors", _number),
        ("ties", _number),
    ]


class InputsC(ctypes.Structure):
    """Samples as the data have them."""

    _fields_: ClassVar[Any] = [
        ("at", _address),
        ("kind", _number),
        ("rows", _address),
        *((name, _number) for name in ("height", "width", "channels")),
        *((name, _address) for name in ("scale", "shift", "mean", "std")),
    ]


class KindC(ctypes.Structure):
    """What is the same for a stage in every worker's memory."""

    _fields_: ClassVar[Any] = [
        *((name, _address) for name in ("forward", "backward", "prepare")),
        *((name, _address) for name in ("gather", "gather_back", "add", "add_back")),
        *(
            (name, _number)
            for name in ("weight", "bias", "drawn", "buffers", "gathered", "gathers")
        ),
        ("fixed", _number),
    ]


class BatchC(ctypes.Structure):
    """A batch on its way through all stages."""

    _fields_: ClassVar[Any] = [
        *((name, _number) for name in ("stages", "chunks", "chunk_size", "samples", "members")),
        ("kinds", _address),
        ("memory_by_chunk", _number),
        *((name, _address) for name in ("memories", "first", "scratch")),
        ("inputs", InputsC),
        *((name, _address) for name in ("lose", "losses")),
        *((name, _number) for name in ("trains", "below")),
        ("w", _address),
        ("count", _number),
        *((name, _address) for name in ("gradients", "drawn")),
        ("before", _number),
        ("outputs", _address),
        ("evaluates", _number),
        ("buffers", _address),
        ("buffer_count", _number),
        ("statistics", _address),
        ("gathered_count", _number),
        *((name, _address) for name in ("gathered", "totals")),
    ]


class UpdateC(ctypes.Structure):
    """A step of an optimizer."""

    _fields_: ClassVar[Any] = [
        ("count", _number),
        *((name, _address) for name in ("w", "gradient", "velocity", "mean", "square")),
        *(
            (name, ctypes.c_double)
            for name in ("rate", "momentum", "beta1", "beta2", "deviation", "epsilon")
        ),
    ]


class PlainC(ctypes.Structure):
    """An array of NumPy, (C, H, W, n) or (d, n)."""

    _fields_: ClassVar[Any] = [
        ("at", _address),
        ("shape", ctypes.c_int64 * 4),
        ("strides", ctypes.c_int64 * 4),
    ]

    @classmethod
    def of(cls, array: Array) -> PlainC:
        """Where `array` lies."""
        first, *middle, last = array.shape
        strides = [stride // array.itemsize for stride in array.strides]
        if not middle:
            return cls(address(array), (first, 1, 1, last), (strides[0], 0, 0, strides[1]))
        return cls(address(array), (first, *middle, last), tuple(strides))


def address(array: Array | None) -> int | None:
    """Where an array begins in memory; None for none, or one that is empty."""
    if array is None or not array.size:
        return None
    try:  # four times faster than the other way
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):  # read-only, or with gaps
        where: int = array.ctypes.data
        return where


def aligned_zeros(shape: Shape, dtype: DTypeLike) -> Array:
    """An array that begins where vectors may."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = np.zeros(size + ALIGNMENT, dtype=np.uint8)
    start = -(address(block) or 0) % ALIGNMENT
    return block[start : start + size].view(dtype).reshape(shape)
