"""Winograd's minimal filtering F(4 x 4, 3 x 3): a quarter of the multiplications.

Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv:1509.09308), give for
a 6 x 6 tile d of the input and a 3 x 3 kernel g the 4 x 4 tile of the output

    Y = A' [(G g G') * (B' d B)] A

where * multiplies entry by entry.  Over channels these products are 36 products of matrices, one
for each entry of a tile.  The transforms of all tiles are products of matrices as well: with the
rows of a tile written one after the other, B' d B is (B' x B') d, x being the Kronecker product.

Each transform is linear, so its derivative is its transpose, and so is the way back: dl/dd is the
transpose of the way from d to Y, dl/dg that of the way from g.

Against a direct convolution in float64, the error of each entry of the output, of dl/dx and of
dl/dW in float32 stays below 1e-4 times the largest magnitude in that array, and below 1e-12 in
float64 (tests/nn/test_convolutions.py); a direct convolution in float32 is about ten times closer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.engines.numpy.tiles import IN, OUT, Block, Tiling
from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array
from cnntrain.nn.windows import Windows

B_T = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
G = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
A_T = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]
# The entry of a tile that A' [...] A adds to every output, since the second column of A' consists
# of ones.  A bias is added there.
CONSTANT = IN + 1


@dataclass(frozen=True)
class Transforms:
    """The three transforms as matrices: of inputs (36, 36), kernels (36, 9), outputs (16, 36)."""

    inputs: Array
    kernels: Array
    outputs: Array


@cache
def transforms(dtype: np.dtype[Any]) -> Transforms:
    """The transforms in numbers of `dtype`."""
    matrices = (np.array(m, dtype=float) for m in (B_T, G, A_T))
    return Transforms(*(np.kron(m, m).astype(dtype) for m in matrices))


@dataclass(frozen=True)
class Cache:
    """What `forward` leaves: transformed kernels (36, F, C) and inputs, (36, C, tiles) a block."""

    tiling: Tiling
    blocks: Sequence[Block]
    kernels: Array
    inputs: Sequence[Array]


class Winograd:
    """Kernels of 3 x 3 at stride 1, with any padding."""

    def forward(
        self,
        x: Array,
        weight: Array,
        bias: Array | None,
        windows: Windows,
        context: Context,
        cache: Cache | None = None,
    ) -> tuple[Array, Cache | None]:
        tiling = Tiling(windows, x.shape[3])
        blocks, inputs = tiling.blocks(max(weight.shape[:2])), []
        kernels = _kernels(weight, context)
        image = tiling.pad(x, context) if cache is None else x
        y = context.array("y", tiling.over(len(weight)), x.dtype)
        for number, block in enumerate(blocks):
            # Without a backward pass, those of a block replace those of the block before.
            name = f"inputs{number if context.training else ''}"
            inputs.append(cache.inputs[number] if cache else _inputs(image, block, name, context))
            products = _products(len(weight), block, x.dtype, context)
            multiply(kernels, inputs[-1], products)
            if bias is not None:
                products[CONSTANT] += bias[:, None]
            _outputs(products, block, y, context)
        return tiling.crop(y), Cache(tiling, blocks, kernels, inputs) if context.training else None

    def backward(
        self,
        dy: Array,
        cache: Cache,
        weight: Array,
        dweight: Array,
        windows: Windows,
        context: Context,
        need_dx: bool,
    ) -> Array | None:
        (filters, channels), kind, way = weight.shape[:2], dy.dtype, transforms(dy.dtype)
        d_kernels = context.scratch("d_kernels", cache.kernels.shape, kind)
        dy = cache.tiling.cover(dy, context)
        dx = context.grad_buffer(dy, cache.tiling.under(channels))
        np.copyto(dx, 0)  # which lets other threads run, unlike an assignment
        for number, (block, inputs) in enumerate(zip(cache.blocks, cache.inputs, strict=True)):
            d_products = _d_products(dy, block, context)
            share = context.scratch("share", d_kernels.shape, kind) if number else d_kernels
            multiply_transposed(d_products, inputs, share)
            if number:
                d_kernels += share
            if need_dx:
                d_inputs = context.scratch("d_inputs", (IN * IN, channels, block.size), kind)
                multiply(cache.kernels.transpose(0, 2, 1), d_products, d_inputs)
                tiles = context.scratch("tiles", (IN, IN, channels, *block.shape), kind)
                multiply(way.inputs.T, _flat(d_inputs), _flat(tiles, 2))
                for entries, place in block.tiles(dx):
                    place += tiles[entries]
        d_weight = way.kernels.T @ _flat(d_kernels)
        dweight[...] = d_weight.T.reshape(filters, channels, 3, 3)
        return windows.crop(dx) if need_dx else None


def _kernels(weight: Array, context: Context) -> Array:
    """G g G' of every kernel, (36, F, C)."""
    filters, channels = weight.shape[:2]
    kernels = context.array("kernels", (IN * IN, filters, channels), weight.dtype)
    multiply(transforms(weight.dtype).kernels, weight.reshape(-1, 9).T, _flat(kernels))
    return kernels


def _inputs(image: Array, block: Block, name: str, context: Context) -> Array:
    """B' d B of the tiles of a block, (36, C, tiles), in the array `name`."""
    channels, kind = len(image), image.dtype
    tiles = context.scratch("tiles", (IN, IN, channels, *block.shape), kind)
    for entries, place in block.tiles(image):
        np.copyto(tiles[entries], place)
    inputs = context.array(name, (IN * IN, channels, block.size), kind)
    multiply(transforms(kind).inputs, _flat(tiles, 2), _flat(inputs))
    return inputs


def _products(filters: int, block: Block, kind: np.dtype[Any], context: Context) -> Array:
    """Scratch memory for the products of a block, (36, F, tiles)."""
    return context.scratch("products", (IN * IN, filters, block.size), kind)


def _outputs(products: Array, block: Block, y: Array, context: Context) -> None:
    """A' [...] A of the products of a block, written to its place in y."""
    squares = context.scratch("squares", (OUT, OUT, len(y), *block.shape), y.dtype)
    multiply(transforms(y.dtype).outputs, _flat(products), _flat(squares, 2))
    np.copyto(block.squares(y), squares)


def _d_products(dy: Array, block: Block, context: Context) -> Array:
    """The transpose of `_outputs`: the gradient with respect to the products."""
    squares = context.scratch("squares", (OUT, OUT, len(dy), *block.shape), dy.dtype)
    np.copyto(squares, block.squares(dy))
    d_products = _products(len(dy), block, dy.dtype, context)
    multiply(transforms(dy.dtype).outputs.T, _flat(squares, 2), _flat(d_products))
    return d_products


def _flat(x: Array, axes: int = 1) -> Array:
    """`x` as a matrix with a row for each entry of a tile, which its first `axes` axes count."""
    return x.reshape(math.prod(x.shape[:axes]), -1)
