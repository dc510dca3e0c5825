"""The functions of a library, for one type of number each."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.engines.compiled.library import Library

Function = Callable[..., int]

_address, _number = ctypes.c_void_p, ctypes.c_int64

# What each takes and gives back.
ARGUMENTS: dict[str, tuple[list[Any], Any]] = {
    "to_blocks": ([_address, _address, _number], None),
    "from_blocks": ([_address, _address], None),
    "winograd_kernels": ([_address], _number),
    "softmax": ([_address, _address, _number, _number], None),
    "count_errors": ([_address, _address, _address, _number, _number], None),
    "log_sum": ([_address, _address, _address, _number, _number], None),
    "exponentials": ([_address, _address, _number], None),
    "logarithms": ([_address, _address, _number], None),
}
for _kind in ("convolution", "dense", "winograd"):
    ARGUMENTS[f"{_kind}_scratch"] = [_address], _number
    ARGUMENTS[f"{_kind}_forward"] = ARGUMENTS[f"{_kind}_backward"] = [_address], None


@functools.cache
def functions(library: Library, dtype: DTypeLike) -> Mapping[str, Function]:
    """Those for numbers of `dtype`, by the names that the C files have for them."""
    kind, found = np.dtype(dtype).name, {}
    for name, (arguments, result) in ARGUMENTS.items():
        function = getattr(library.functions, f"{name}_{kind}")
        function.argtypes, function.restype = arguments, result
        found[name] = function
    return found
