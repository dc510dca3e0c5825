"""What a layer is: a function x(k) = f(k)(x(k-1), w(k)) and its derivatives, and no state.

Inside the network a batch is stored with the samples innermost: images are (C, H, W, n)
and vectors (d, n), so that a vector layer is the note's W x, column by column.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain import randomness
from cnntrain.nn.execution.workspace import Workspace

Array = NDArray[Any]
Shape = tuple[int, ...]  # of one sample: (C, H, W) or (d,)
Weights = Mapping[str, Array]


class MisfitError(ValueError):
    """A layer cannot work on the shape that reaches it; the network adds which layer it is.

    key   the setting to change, "" where there is none
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Call:
    """What one call of one layer may use besides its input and weights.

    keep       whether a backward pass follows; if not, `forward` keeps nothing
    draw       the key of every random choice: (seed, epoch, step, chunk, layer)
    overwrite  whether `forward` may put its output in the place of its input
    """

    workspace: Workspace
    layer: int
    keep: bool = True
    draw: tuple[int, ...] = ()
    overwrite: bool = False

    def array(self, name: str, shape: Shape, dtype: DTypeLike) -> Array:
        """An uninitialised scratch array, this layer's own until its next call."""
        return self.workspace.array((self.layer, name), shape, dtype)

    def scratch(self, name: str, shape: Shape, dtype: DTypeLike) -> Array:
        """Likewise, but shared with the other layers: good until the end of this call."""
        return self.workspace.array(name, shape, dtype)

    def turn(self, dy: Array, shape: Shape) -> Array:
        """An uninitialised array for dl/dx beside `dy`, good until the layer before has made its
        own: in backward passes two blocks of memory take turns."""
        first = self.scratch("turn 0", shape, dy.dtype)
        taken = np.may_share_memory(first, dy)
        return self.scratch("turn 1", shape, dy.dtype) if taken else first

    def permutation(self, count: int, purpose: str) -> list[int]:
        """A random order of 0 ... count - 1, a function of `purpose` and `draw` alone."""
        return [int(i) for i in randomness.permutation(count, purpose, *self.draw)]


class Layer(ABC):
    """One layer.  Instances hold their settings only and can be shared between threads."""

    type: ClassVar[str]
    fresh: ClassVar[bool] = True  # whether the output is memory that `backward` does not read

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for an input sample of `shape`; MisfitError if none."""

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Name and shape of each parameter array, in the order of the flat vector."""
        return {}

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        """The initial value of parameter `name`, float64, a function of `key`."""
        raise KeyError(name)

    def flops(self, shape: Shape) -> int:
        """Floating-point operations of a forward pass on one sample, a multiply-add as two."""
        return 0

    @abstractmethod
    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        """The output, and what `backward` will need (None unless `call.keep`)."""

    @abstractmethod
    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        """Equations 2 and 3: from dl/dy write dl/dw into `dw` and return dl/dx.

        `dy` and `kept` may be overwritten.  Without `need_dx` the result may be None.
        """

    @abstractmethod
    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """The change of the output for a change of the input by `dx`, of the parameters by `dw`:

            dy = (dy/dx) dx + (dy/dw) dw

        with the Jacobians of equation 5.  A `dx` of None and an empty `dw` stand for zero, a
        result of None likewise.  `dx` may be overwritten, `kept` is left as it is.
        """

    def decisions(self, x: Array) -> Array | None:
        """The discrete choices made on input `x` (sign, arg max): where they change, the layer
        has a kink.  None for a layer that is differentiable everywhere."""
        return None


def image_shape(layer: str, shape: Shape) -> tuple[int, int, int]:
    """`shape` as (C, H, W), or MisfitError where a vector arrives."""
    if len(shape) != 3:
        raise MisfitError(
            f"{layer} needs images, found vectors of {shape[0]} entries "
            "(move it before flatten and dense layers)"
        )
    return shape[0], shape[1], shape[2]


def pair(value: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    """A size given once for both directions, or as (height, width)."""
    if isinstance(value, int):
        return value, value
    height, width = value
    return height, width


def size_text(shape: Shape) -> str:
    """(C, H, W) as users write it, "HxWxC"; a vector as its length."""
    if len(shape) == 3:
        return f"{shape[1]}x{shape[2]}x{shape[0]}"
    return "x".join(str(n) for n in shape)
