"""Which layers are computed together in C, and what their functions are given."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.compiled.structures import ActivationC, ConvolutionC, DenseC, WindowsC
from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers import Conv, Dense, Flatten, Layer, LeakyReLU, MaxPool, ReLU
from cnntrain.nn.shapes import Array, Shape

MOST_POSITIONS = 128  # of a pooling window, whose numbers are kept in 7 bits
FEWEST_CHANNELS = 16  # below that Winograd's products have no full rows
WORTHWHILE = 0.6  # of the direct sum's multiplications that Winograd's algorithm may need
TILE = 4
LARGEST = 2**31 - 1  # offset in an image, in numbers


@dataclass(frozen=True, eq=False)
class Part:
    """Some successive layers that one call in C computes.

    layers   their numbers
    input    shape of one sample that goes in, (C, H, W) or (d,)
    output   shape that comes out, before a flatten that may follow
    padded   height and width that the input takes in memory, with its padding; () for vectors
    before   rows and columns of padding at the top and on the left
    """

    layers: range
    input: Shape
    output: Shape
    padded: tuple[int, ...]
    before: tuple[int, int]
    function: str
    main: Layer
    activation: Layer | None
    pool: MaxPool | None = None
    pool_number: int = 0  # of that layer

    @property
    def own(self) -> int:
        """The number of its layers without a flatten that follows."""
        return 1 + (self.activation is not None) + (self.pool is not None)

    @cached_property
    def forward(self) -> str:
        """The name of a function."""
        return f"{self.function}_forward"

    @cached_property
    def backward(self) -> str:
        """Likewise."""
        return f"{self.function}_backward"

    @property
    def room(self) -> Shape:
        """What one sample of the input takes in memory."""
        return (self.input[0], *self.padded)

    @cached_property
    def positions(self) -> int:
        """Of a pooling window."""
        if self.pool is None:
            return 0
        return self.pool.window_area(self.main.output_shape(self.input))

    def order(self, rng_key: tuple[int, ...] | None) -> Array:
        """In which order the positions of a pooling window claim a maximum, as `MaxPool` draws it;
        None: where nothing is drawn."""
        assert self.pool is not None
        if rng_key is None or self.pool.ties == "first":
            return np.arange(self.positions)
        return randomness.permutation(self.positions, "ties", *rng_key, self.pool_number)

    @property
    def winners(self) -> Shape:
        """Shape of one sample of what pooling keeps."""
        return self.output if self.pool else (0,)

    def structure(self) -> Any:
        """What its functions are given, but for addresses."""
        if isinstance(self.main, Dense):
            result: Any = DenseC(inputs=self.input[0], units=self.main.units)
        else:
            assert isinstance(self.main, Conv)
            windows = self.main.windows(self.input)
            result = ConvolutionC(
                channels=self.input[0],
                filters=self.main.filters,
                parts=self.main.groups,
                windows=WindowsC.of(windows),
            )
            if self.pool:
                result.pools = 1
                result.pool = WindowsC.of(self.pool.windows((self.main.filters, *windows.output)))
        if self.activation:
            result.activation = _activation(self.activation)
        return result


def parts(layers: Sequence[Layer], shapes: Sequence[Shape], conv: str) -> list[Part | int]:
    """The layers of a network as parts, in order, and the numbers of those that stay in NumPy.

    conv   as `compute.conv`
    """
    result: list[Part | int] = []
    k = 0
    while k < len(layers):
        if type(layers[k]) is Flatten and result and isinstance(result[-1], Part):
            last = result[-1]
            result[-1] = _with_flatten(last)
            k += 1
            continue
        found = _part(layers, shapes, k, conv)
        result.append(k if found is None else found)
        k = k + 1 if found is None else found.layers.stop
    return result


def _part(layers: Sequence[Layer], shapes: Sequence[Shape], k: int, conv: str) -> Part | None:
    """The part that begins with layer `k`, None where there is no kernel for that."""
    main, end = layers[k], k + 1
    if not _has_kernel(main, shapes[k]):
        return None
    activation: Layer | None = None
    pool: MaxPool | None = None
    if end < len(layers) and _is_rectifier(layers[end]):
        activation, end = layers[end], end + 1
    if isinstance(main, Dense):
        numbers = range(k, end)
        return Part(numbers, shapes[k], shapes[end], (), (0, 0), "dense", main, activation)
    assert isinstance(main, Conv)
    if end < len(layers) and _is_plain_pool(layers[end], shapes[end]):
        found = layers[end]
        assert isinstance(found, MaxPool)
        pool, end = found, end + 1
    windows = main.windows(shapes[k])
    winograd = main.groups == 1 and _takes_winograd(windows, shapes[k][0], conv)
    padded = windows.padded
    if winograd:
        rows, columns = (-(-size // TILE) * TILE + 2 for size in windows.output)
        padded = max(padded[0], rows), max(padded[1], columns)
    before = windows.padding[0], windows.padding[2]
    function = "winograd" if winograd else "convolution"
    return Part(
        range(k, end),
        shapes[k],
        shapes[end],
        padded,
        before,
        function,
        main,
        activation,
        pool,
        end - 1,
    )


def _with_flatten(part: Part) -> Part:
    """With one more layer, which changes nothing in memory."""
    grown = range(part.layers.start, part.layers.stop + 1)
    return replace(part, layers=grown)


def _has_kernel(layer: Layer, shape: Shape) -> bool:
    if type(layer) is Dense:
        return True
    if type(layer) is not Conv:
        return False
    windows = layer.windows(shape)
    largest = max(shape[0], layer.filters) * math.prod(windows.padded) * 2 * 16
    return largest <= LARGEST and max(windows.kernel) <= 4096


def _is_rectifier(layer: Layer) -> bool:
    """Whether it has two straight sides, and at 0 the derivative of one of them."""
    if type(layer) is ReLU:
        return layer.radius == 0 and layer.derivative_at_zero != 0.5
    return type(layer) is LeakyReLU and layer.derivative_at_zero != 0.5


def _activation(layer: Layer) -> ActivationC:
    assert isinstance(layer, ReLU | LeakyReLU)
    slope = layer.slope if isinstance(layer, LeakyReLU) else 0.0
    return ActivationC(1, layer.derivative_at_zero == 0, ctypes.c_double(slope))


def _is_plain_pool(layer: Layer, shape: Shape) -> bool:
    return (
        type(layer) is MaxPool
        and layer.smooth == "none"
        and layer.ties != "split"
        and layer.window_area(shape) <= MOST_POSITIONS
    )


def _takes_winograd(windows: Windows, channels: int, conv: str) -> bool:
    """A function of the shape alone."""
    possible = windows.kernel == (3, 3) and windows.stride == windows.dilation == (1, 1)
    if conv != "auto" or not possible:
        return conv == "winograd" and possible
    tiles = math.prod(-(-size // TILE) for size in windows.output)
    share = 36 * tiles / (9 * math.prod(windows.output))
    return channels >= FEWEST_CHANNELS and share <= WORTHWHILE
