"""Scratch arrays of one worker, re-used from chunk to chunk instead of allocated anew."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Workspace:
    """Named blocks of memory.  A block grows when a larger array is asked for, never shrinks,
    and its contents are left over from its last use: callers overwrite all of it."""

    def __init__(self) -> None:
        self._blocks: dict[Hashable, NDArray[np.uint8]] = {}
        self.kept: dict[Hashable, Any] = {}  # what engines keep from chunk to chunk, by their keys

    def array(self, name: Hashable, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """The block `name` as an uninitialised array; valid until `name` is asked for again."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        block = self._blocks.get(name)
        if block is None or block.size < size:
            block = self._blocks[name] = np.empty(size, dtype=np.uint8)
        return block[:size].view(kind).reshape(shape)
