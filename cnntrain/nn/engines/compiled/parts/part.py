"""What engines in C are made of: some successive layers that one call computes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain.nn.shapes import Array, Shape

Key = tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Part(ABC):
    """Some successive layers that one function in C computes, and another the way back.

    layers   their numbers
    number   of the one whose parameters and random choices it takes
    input    shape of one sample that goes in, (C, H, W) or (d,)
    output   shape that comes out, before a flatten that may follow
    flat     whether one follows
    fixed    whether training leaves its parameters and buffers as they are
    room     what one sample of the input takes in memory, with the padding around it
    before   rows and columns of that padding at the top and on the left

    function   what its functions are called in C: NAME_forward, NAME_backward and, where they need
               scratch memory, NAME_scratch
    prepares   whether NAME_prepare transforms the weights before, into NAME_kernels numbers
    """

    layers: range
    number: int
    input: Shape
    output: Shape
    room: Shape
    before: tuple[int, int] = (0, 0)
    flat: bool = False
    fixed: bool = False
    function: str
    prepares: bool = False

    @abstractmethod
    def structure(self) -> Any:
        """What the functions are given, but for what every stage has (stages.h)."""

    def kept(self, dtype: np.dtype[Any]) -> int:
        """Bytes of one sample that the way back needs beside input and output."""
        return 0

    def drawn(self, rng_key: Key | None) -> Array:
        """Whole numbers that random choices of a step are made with, the same for all samples.

        rng_key   of the step; None: none is made
        """
        return np.arange(0)

    @cached_property
    def draws(self) -> int:
        """How many they are."""
        return len(self.drawn(None))

    @property
    def gathered(self) -> int:
        """Numbers that it needs of all chunks of a batch in training; 0: none."""
        return 0

    @property
    def passes_on(self) -> bool:
        """Whether its output is its input, where it is."""
        return False

    @property
    def sizes(self) -> dict[str, int]:
        """Of the input; a vector is an image of one pixel."""
        channels, *size = self.input
        height, width = size or (1, 1)
        return {"channels": channels, "height": height, "width": width}

    @property
    def handed_on(self) -> Shape:
        """The output as the next layer sees it."""
        return (math.prod(self.output),) if self.flat else self.output

    @cached_property
    def forward(self) -> str:
        """The name of a function."""
        return f"{self.function}_forward"

    @cached_property
    def backward(self) -> str:
        """Likewise."""
        return f"{self.function}_backward"
