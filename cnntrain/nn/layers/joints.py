"""What residual blocks are joined by: a network is a line of layers with a stack beside it.

    y = f(x) + s(x)        branch, f, turn, s, sum          with s(x) = x: branch, f, sum

Each joint takes what comes from the layer before, and puts on the stack or takes from it:

    forwards    branch   puts x on the stack, and goes on with x
                turn     exchanges f(x) for the x on the stack
                sum      adds what is on the stack: y = f(x) + s(x)
    backwards   sum      puts dl/dy on the stack, and goes on with dl/dy
                turn     exchanges what came through s for the dl/dy on the stack
                branch   adds what is on the stack: the gradients that came through f and s

So backwards a sum is a branch and a branch a sum, as it must be: their matrices are the transposes
of one another.  A block leaves the stack as it was, hence blocks nest.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, MisfitError, Shape, size_text


class Joint(Layer):
    """A layer that works on the stack.  It is no kind of layer in a config; blocks put it there."""

    keeps_shape: ClassVar[bool] = True  # but for a turn: here that of the block is what counts
    owns_output: ClassVar[bool] = False  # it may be on the stack, too

    def output_shape(self, shape: Shape) -> Shape:
        raise NotImplementedError(f"that of {self.word()} depends on the stack: see shape_after")

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        return {}

    @abstractmethod
    def shape_after(self, shape: Shape, waiting: list[Shape]) -> Shape:
        """What `shape` becomes, with two shapes on the stack for each block that has begun: of its
        input, and of what waits for the sum."""


class Branch(Joint):
    """Remembers x."""

    type: Literal["branch"] = "branch"

    def shape_after(self, shape: Shape, waiting: list[Shape]) -> Shape:
        waiting += [shape, shape]
        return shape

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        context.waiting.append(x)
        return x, None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        dx: Array = np.add(dy, context.waiting.pop(), out=dy)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        context.waiting.append(_set_aside(dx, context))
        return dx


class Turn(Joint):
    """Goes on with x, f(x) being done."""

    type: Literal["turn"] = "turn"

    def shape_after(self, shape: Shape, waiting: list[Shape]) -> Shape:
        waiting[-1] = shape
        return waiting[-2]

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        context.waiting[-1], x = x, context.waiting[-1]
        return x, None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        return self._exchange(dy, context)

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        return self._exchange(dx, context)

    def _exchange(self, d: Array, context: Context) -> Array:
        other = context.waiting.pop()
        context.waiting.append(_set_aside(d, context))
        return other


class Sum(Joint):
    """y = f(x) + s(x)."""

    owns_output: ClassVar[bool] = True

    type: Literal["sum"] = "sum"

    def shape_after(self, shape: Shape, waiting: list[Shape]) -> Shape:
        other, x = waiting.pop(), waiting.pop()
        if other == shape:
            return shape
        if other == x:  # or a shortcut that changes nothing, which is as good as none
            raise MisfitError(
                f"its layers make {size_text(shape)} of {size_text(x)}, expected the shape of the "
                f"input, to which that is added (add shortcut: {_shortcut(x, shape)})"
            )
        raise MisfitError(
            f"its layers lead to {size_text(other)}, its shortcut to {size_text(shape)}, expected "
            f"one shape for both, which are added (such as shortcut: {_shortcut(x, other)})",
            "shortcut",
        )

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        return {"output": shape}

    def flops(self, shape: Shape) -> int:
        return math.prod(shape)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        return np.add(context.waiting.pop(), x, out=y), None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        context.waiting.append(_set_aside(dy, context))
        return dy

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        dy: Array = np.add(dx, context.waiting.pop(), out=dx)
        return dy


def _set_aside(array: Array, context: Context) -> Array:
    """A copy that stays as it is while other layers work: gradients may be overwritten."""
    copy = context.array("aside", array.shape, array.dtype)
    copy[...] = array
    return copy


def _shortcut(x: Shape, y: Shape) -> str:
    """Layers that make the shape `y` of `x`, as a config has them."""
    if len(y) == 1:
        flatten = "{type: flatten}, " if len(x) == 3 else ""
        return f"[{flatten}{{type: dense, units: {y[0]}}}]"
    if len(x) == 1:
        return "[...] of layers that do the same"
    strides = [_stride(a, b) for a, b in zip(x[1:], y[1:], strict=True)]
    if None not in strides:
        height, width = strides
        stride = f"{height}" if height == width else f"[{height}, {width}]"
        also = "" if stride == "1" else f", stride: {stride}"
        return f"[{{type: conv, filters: {y[0]}, kernel: 1{also}}}]"
    lost = [a - b for a, b in zip(x[1:], y[1:], strict=True)]
    if min(lost) < 0:
        return f"[...] of layers that lead to {size_text(y)}"
    kernel = f"{lost[0] + 1}" if lost[0] == lost[1] else f"[{lost[0] + 1}, {lost[1] + 1}]"
    return f"[{{type: conv, filters: {y[0]}, kernel: {kernel}}}]"


def _stride(size: int, wanted: int) -> int | None:
    """The stride with which windows of one entry make `wanted` of `size`, if there is one."""
    return next((s for s in range(1, size + 1) if (size - 1) // s + 1 == wanted), None)
