"""The structures of stages.h and blocks.h, field by field."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar

from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.shapes import Array

LANES = 16  # samples in a group

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


class ConvolutionC(ctypes.Structure):
    """Convolution, activation, max-pooling."""

    _fields_: ClassVar[Any] = [
        ("groups", _number),
        ("channels", _number),
        ("filters", _number),
        ("parts", _number),
        *((name, ImageC) for name in ("x", "dx", "y", "dy")),
        ("windows", WindowsC),
        ("activation", ActivationC),
        ("pools", _number),
        ("pool", WindowsC),
        ("order", _address),
        ("winners", _address),
        *((name, _address) for name in ("weight", "bias", "dweight", "dbias")),
        ("need_dx", _number),
        ("scratch", _address),
        ("kernels", _address),
        ("kernels_ready", _number),
    ]


class DenseC(ctypes.Structure):
    """Dense layer, activation."""

    _fields_: ClassVar[Any] = [
        ("groups", _number),
        ("inputs", _number),
        ("units", _number),
        *((name, ImageC) for name in ("x", "dx", "y", "dy")),
        ("activation", ActivationC),
        *((name, _address) for name in ("weight", "bias", "dweight", "dbias")),
        ("need_dx", _number),
        ("scratch", _address),
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
    """Where an array begins in memory; None for none."""
    if array is None:
        return None
    where: int = array.__array_interface__["data"][0]
    return where
