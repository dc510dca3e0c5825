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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Shape
from cnntrain.nn.products import multiply, multiply_transposed
from cnntrain.nn.windows import Windows

OUT, IN = 4, 6  # side of a tile of the output, and of the input under it
COLUMNS = 96  # least columns of a product: fewer are slow, more leave the cache

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
class Block:
    """Rows `start` ... `stop` - 1 of tiles, in which there are `columns` tiles of `n` samples."""

    start: int
    stop: int
    columns: int
    n: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(rows, columns, n)."""
        return self.stop - self.start, self.columns, self.n

    @property
    def size(self) -> int:
        """The number of tiles."""
        rows, columns, n = self.shape
        return rows * columns * n

    def places(self, side: int, array: Array) -> Iterator[tuple[slice, slice]]:
        """For each entry of a tile of `side` x `side`, row by row: where in `array` (C, height,
        width, n) that entry of every tile lies."""
        _, height, width, _ = array.shape
        for i in range(side):
            rows = slice(OUT * self.start + i, min(OUT * (self.stop - 1) + i + 1, height), OUT)
            for j in range(side):
                yield rows, slice(j, min(OUT * (self.columns - 1) + j + 1, width), OUT)


def blocks(view: Windows, n: int) -> list[Block]:
    """The tiles over the outputs of `n` samples, in blocks of as many rows as make `COLUMNS`."""
    height, width = (-(-size // OUT) for size in view.output)
    step = max(1, -(-COLUMNS // (width * n)))
    return [Block(start, min(start + step, height), width, n) for start in range(0, height, step)]


@dataclass(frozen=True)
class Kept:
    """What `forward` leaves: transformed kernels (36, F, C) and inputs, (36, C, tiles) a block."""

    cut: Sequence[Block]
    kernels: Array
    inputs: Sequence[Array]


class Winograd:
    """Kernels of 3 x 3 at stride 1, with any padding."""

    def forward(
        self, x: Array, weight: Array, view: Windows, call: Call
    ) -> tuple[Array, Kept | None]:
        cut = blocks(view, x.shape[3])
        kernels = _kernels(weight, "kernels", call)
        inputs = _inputs(x, view, cut, "inputs", call.keep, call)
        kept = Kept(cut, kernels, list(inputs)) if call.keep else None
        products = ([(kernels, tiles)] for tiles in (kept.inputs if kept else inputs))
        y = call.array("y", (len(weight), *view.output, x.shape[3]), x.dtype)
        return _outputs(products, cut, y, call), kept

    def backward(
        self,
        dy: Array,
        kept: Kept,
        weight: Array,
        dweight: Array,
        view: Windows,
        call: Call,
        need_dx: bool,
    ) -> Array | None:
        (filters, channels), kind, way = weight.shape[:2], dy.dtype, transforms(dy.dtype)
        d_kernels = call.scratch("d_kernels", kept.kernels.shape, kind)
        dx = call.array("dx", _covering(channels, kept.cut), kind)
        np.copyto(dx, 0)  # which lets other threads run, unlike an assignment
        for number, (block, tiles) in enumerate(zip(kept.cut, kept.inputs, strict=True)):
            d_products = _d_products(dy, block, call)
            share = call.scratch("share", d_kernels.shape, kind) if number else d_kernels
            multiply_transposed(d_products, tiles, share)
            if number:
                d_kernels += share
            if need_dx:
                d_tiles = call.scratch("d_tiles", (IN * IN, channels, block.size), kind)
                multiply(kept.kernels.transpose(0, 2, 1), d_products, d_tiles)
                planes = call.scratch("planes", (IN * IN, channels * block.size), kind)
                multiply(way.inputs.T, d_tiles.reshape(IN * IN, -1), planes)
                planes = planes.reshape(IN * IN, channels, *block.shape)
                for plane, (rows, cols) in zip(planes, block.places(IN, dx), strict=True):
                    dx[:, rows, cols] += plane
        d_weight = way.kernels.T @ d_kernels.reshape(IN * IN, -1)
        dweight[...] = d_weight.T.reshape(filters, channels, 3, 3)
        return view.crop(dx) if need_dx else None

    def jvp(
        self,
        dx: Array | None,
        kept: Kept,
        weight: Array,
        dweight: Array | None,
        view: Windows,
        call: Call,
    ) -> Array:
        products: list[list[tuple[Array, Array]]] = [[] for _ in kept.cut]
        if dx is not None:
            d_inputs = _inputs(dx, view, kept.cut, "d_inputs", True, call)
            for pairs, d_tiles in zip(products, d_inputs, strict=True):
                pairs.append((kept.kernels, d_tiles))
        if dweight is not None:
            d_kernels = _kernels(dweight, "d_kernels", call)
            for pairs, tiles in zip(products, kept.inputs, strict=True):
                pairs.append((d_kernels, tiles))
        dy = call.array("dy", (len(weight), *view.output, kept.cut[0].n), weight.dtype)
        return _outputs(products, kept.cut, dy, call)


def _kernels(weight: Array, name: str, call: Call) -> Array:
    """G g G' of every kernel, (36, F, C)."""
    filters, channels = weight.shape[:2]
    kernels = call.array(name, (IN * IN, filters * channels), weight.dtype)
    multiply(transforms(weight.dtype).kernels, weight.reshape(-1, 9).T, kernels)
    return kernels.reshape(IN * IN, filters, channels)


def _inputs(
    x: Array, view: Windows, cut: Sequence[Block], name: str, keep: bool, call: Call
) -> Iterator[Array]:
    """B' d B of every tile, (36, C, tiles) a block; without `keep` each replaces the last."""
    channels, height, width, _ = x.shape
    top, _, left, _ = view.padding
    padded = call.scratch("padded", _covering(channels, cut), x.dtype)
    padded[:, :top] = padded[:, top + height :] = 0
    padded[:, :, :left] = padded[:, :, left + width :] = 0
    padded[:, top : top + height, left : left + width] = x
    for number, block in enumerate(cut):
        size = (IN * IN, channels * block.size)
        planes = call.scratch("planes", size, x.dtype).reshape(IN * IN, channels, *block.shape)
        for plane, (rows, cols) in zip(planes, block.places(IN, padded), strict=True):
            plane[...] = padded[:, rows, cols]
        tiles = call.array(f"{name}{number if keep else ''}", size, x.dtype)
        multiply(transforms(x.dtype).inputs, planes.reshape(size), tiles)
        yield tiles.reshape(IN * IN, channels, block.size)


def _outputs(
    products: Iterable[Sequence[tuple[Array, Array]]], cut: Sequence[Block], y: Array, call: Call
) -> Array:
    """A' [...] A of the sum of products of each block, written to its place in y."""
    filters, kind = len(y), y.dtype
    for block, pairs in zip(cut, products, strict=True):
        total = call.scratch("products", (IN * IN, filters, block.size), kind)
        for number, (kernels, tiles) in enumerate(pairs):
            if number == 0:
                multiply(kernels, tiles, total)
            else:
                total += kernels @ tiles
        planes = call.scratch("outputs", (OUT * OUT, filters * block.size), kind)
        multiply(transforms(kind).outputs, total.reshape(IN * IN, -1), planes)
        planes = planes.reshape(OUT * OUT, filters, *block.shape)
        for plane, (rows, cols) in zip(planes, block.places(OUT, y), strict=True):
            target = y[:, rows, cols]
            target[...] = plane[:, : target.shape[1], : target.shape[2]]
    return y


def _d_products(dy: Array, block: Block, call: Call) -> Array:
    """The transpose of `_outputs`: the gradient by the products of a block, (36, F, tiles)."""
    filters, kind = len(dy), dy.dtype
    planes = call.scratch("outputs", (OUT * OUT, filters * block.size), kind)
    planes = planes.reshape(OUT * OUT, filters, *block.shape)
    for plane, (rows, cols) in zip(planes, block.places(OUT, dy), strict=True):
        source = dy[:, rows, cols]
        height, width = source.shape[1:3]
        plane[:, :height, :width] = source
        plane[:, height:] = plane[:, :, width:] = 0
    d_products = call.scratch("products", (IN * IN, filters * block.size), kind)
    multiply(transforms(kind).outputs.T, planes.reshape(OUT * OUT, -1), d_products)
    return d_products.reshape(IN * IN, filters, block.size)


def _covering(channels: int, cut: Sequence[Block]) -> Shape:
    """The shape (C, height, width, n) that all input tiles fit on: they overlap by two."""
    last = cut[-1]
    height, width = OUT * last.stop + IN - OUT, OUT * last.columns + IN - OUT
    return channels, height, width, last.n
