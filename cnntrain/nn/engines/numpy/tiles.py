"""Tiles: an output cut into squares of 4 x 4 pixels, each computed from the 6 x 6 pixels of the
padded input under it, which overlap by two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows, put

OUT, IN = 4, 6  # side of a tile of the output, and of the input under it
CACHED = 2**13  # tiles times channels in a block that stays in the cache
FEWEST = 64  # tiles that a block has, however many channels there are


@dataclass(frozen=True)
class Block:
    """`height` x `width` tiles of each of `n` samples, from row `top` and column `left` of tiles
    on."""

    top: int
    left: int
    height: int
    width: int
    n: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n)."""
        return self.height, self.width, self.n

    @property
    def size(self) -> int:
        """The number of tiles of all samples."""
        return self.height * self.width * self.n

    def squares(self, image: Array, down: int = 0, right: int = 0) -> Array:
        """The squares of 4 x 4 pixels of an image (C, H, W, n) at the block's tiles, moved by some
        pixels: a view (4, 4, C, height, width, n)."""
        rows = slice(OUT * self.top + down, OUT * (self.top + self.height) + down)
        columns = slice(OUT * self.left + right, OUT * (self.left + self.width) + right)
        shape = (len(image), self.height, OUT, self.width, OUT, self.n)
        return image[:, rows, columns].reshape(shape).transpose(2, 4, 0, 1, 3, 5)

    def tiles(self, image: Array) -> Iterator[tuple[tuple[slice, slice], Array]]:
        """The tiles of 6 x 6 pixels of an image in four parts, in none of which a pixel occurs
        twice: which entries of a tile, and a view of them, (., ., C, height, width, n)."""
        for down in (0, OUT):
            for right in (0, OUT):
                height, width = min(OUT, IN - down), min(OUT, IN - right)
                entries = slice(down, down + height), slice(right, right + width)
                yield entries, self.squares(image, down, right)[:height, :width]


@dataclass(frozen=True)
class Tiling:
    """The tiles over the output of `n` samples.  Together they cover more than the output, and
    lie on more than the padded input."""

    windows: Windows
    n: int

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        height, width = self.windows.output
        return -(-height // OUT), -(-width // OUT)

    def blocks(self, channels: int) -> list[Block]:
        """The tiles in blocks that stay in the cache with so many channels."""
        rows, columns = self.grid
        tiles = max(CACHED // channels, FEWEST) // self.n or 1  # of one sample
        width = -(-columns // -(-columns // tiles))
        height = tiles // columns or 1
        return [
            Block(top, left, min(height, rows - top), min(width, columns - left), self.n)
            for top in range(0, rows, height)
            for left in range(0, columns, width)
        ]

    def over(self, filters: int) -> Shape:
        """The shape of an output of whole tiles."""
        rows, columns = self.grid
        return filters, OUT * rows, OUT * columns, self.n

    def under(self, channels: int) -> Shape:
        """The shape of an input that all tiles lie on, and all squares moved by a whole one."""
        rows, columns = self.grid
        return channels, OUT * (rows + 1), OUT * (columns + 1), self.n

    def pad(self, x: Array, context: Context) -> Array:
        """The input with zeros around it, on which all tiles lie."""
        padded = context.scratch("padded", self.under(len(x)), x.dtype)
        return put(x, padded, self.windows.padding[0], self.windows.padding[2])

    def cover(self, y: Array, context: Context) -> Array:
        """An output with zeros below and to the right, where it does not consist of whole tiles."""
        shape = self.over(len(y))
        return y if y.shape == shape else put(y, context.scratch("covered", shape, y.dtype), 0, 0)

    def crop(self, y: Array) -> Array:
        """The part of an array of whole tiles that is output."""
        height, width = self.windows.output
        return y[:, :height, :width]
