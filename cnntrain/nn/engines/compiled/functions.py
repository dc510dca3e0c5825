"""The functions of a library, most of them for one type of number each."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnntrain.nn.engines.compiled.library import Library

Function = Callable[..., int]

_address, _number = ctypes.c_void_p, ctypes.c_int64

# What each takes and gives back.
ARGUMENTS: dict[str, tuple[list[Any], Any]] = {
    "to_blocks": ([_address, _address, _number], None),
    "from_blocks": ([_address, _address], None),
    "winograd_kernels": ([_address], _number),
    "winograd_prepare": ([_address, _number, _number], None),
    "cross_entropy": ([_address], None),
    "quadratic": ([_address], None),
    "batch": ([_address], None),
    "sgd": ([_address], None),
    "adam": ([_address], None),
    "all_finite": ([_address, _number], _number),
    "multiply_adds": ([_number], _number),
    "exponentials": ([_address, _address, _number], None),
    "logarithms": ([_address, _address, _number], None),
}
WITH_SCRATCH = ("convolution", "winograd", "dense", "max_pool", "smooth_pool", "group_norm")
WITHOUT = (
    *("avg_pool", "rectifier", "rounded_rectifier", "elu", "gelu", "silu", "sigmoid"),
    *("hyperbolic_tangent", "softmax", "dropout", "batch_norm", "branch", "turn", "sum"),
)
for _kind in ("batch_norm",):
    ARGUMENTS[f"{_kind}_gather"] = ARGUMENTS[f"{_kind}_gather_back"] = [_address], None
    ARGUMENTS[f"{_kind}_add"] = ARGUMENTS[f"{_kind}_add_back"] = [_address] * 3, None
for _kind in WITH_SCRATCH:
    ARGUMENTS[f"{_kind}_scratch"] = [_address], _number
for _kind in WITH_SCRATCH + WITHOUT:
    ARGUMENTS[f"{_kind}_forward"] = ARGUMENTS[f"{_kind}_backward"] = [_address], None

OTHERS: dict[str, list[Any]] = {
    "normals": [_address, _address, _number, _number],
    **{f"resample_{kind}": [_address] for kind in ("uint8", "float32", "float64")},
}


@functools.cache
def functions(library: Library, dtype: np.dtype[Any]) -> Mapping[str, Function]:
    """Those for numbers of `dtype`, by the names that the C files have for them."""
    kind, found = dtype.name, {}
    for name, (arguments, result) in ARGUMENTS.items():
        function = getattr(library.functions, f"{name}_{kind}")
        function.argtypes, function.restype = arguments, result
        found[name] = function
    return found


@functools.cache
def function(library: Library, name: str) -> Function:
    """One of the others, which give nothing back."""
    found: Function = getattr(library.functions, name)
    found.argtypes, found.restype = OTHERS[name], None  # type: ignore[attr-defined]
    return found


def where(function: Function) -> int | None:
    """The address of a function in C, for those that call it there."""
    return ctypes.cast(function, _address).value  # type: ignore[arg-type]
