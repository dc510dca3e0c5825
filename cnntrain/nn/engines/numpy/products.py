"""Products of matrices, cut into blocks that BLAS computes fastest.

Convolutions lead to products of a few rows by thousands of columns.  BLAS first copies its operands
into an order of its own, which takes longer than such a product itself.  OpenBLAS leaves that out
for small products on processors with AVX-512: those of at most 10^6 multiplications, and for a b^T
of at most 1200 results (its kernel/x86_64/sgemm_small_kernel_permit_skylakex.c).  Blocks of such
sizes take a half to a fifth of the time there, and about the same elsewhere.

The blocks depend on the shapes alone, so that the last bits are the same on every run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cnntrain.nn.shapes import Array

MULTIPLICATIONS = 10**6  # in a small product
RESULTS = 1200  # of a small product a b^T
CACHED = 2**15  # numbers that stay in the fastest caches
NARROW = 64  # columns that a block has if it can
FEW = 12  # rows that a block must have to be worth it
LONG = 128  # terms of the sums in a b^T that are worth cutting


def multiply(a: Array, b: Array, out: Array) -> None:
    """out = a b.   a (..., M, K), b (..., K, N), out (..., M, N)."""
    (m, k), n = a.shape[-2:], b.shape[-1]
    if k == 1:
        np.multiply(a, b, out=out)  # an outer product
        return
    if m * k * n <= MULTIPLICATIONS:
        np.matmul(a, b, out=out)
        return
    rows, columns = _block(m, k, n)
    for i, height in _spans(m, rows):
        for j, width in _spans(n, columns):
            left = _cut(a[..., i, :], height, k)
            right = _cut(b[..., j], k, width)
            np.matmul(left, right, out=_cut(out[..., i, j], height, width))


def multiply_transposed(a: Array, b: Array, out: Array) -> None:
    """out = a b^T, sums of N terms.   a (..., M, N), b (..., K, N), out (..., M, K)."""
    (m, n), k = a.shape[-2:], b.shape[-2]
    if n == 1:
        np.multiply(a, b.swapaxes(-1, -2), out=out)  # an outer product
        return
    rows = -(-k // -(-m * k // RESULTS))  # of b: in equal parts, as many as a small product bears
    if n < LONG or rows < min(FEW, k):
        np.matmul(a, b.swapaxes(-1, -2), out=out)
        return
    terms = _power_of_two(min(MULTIPLICATIONS // (m * rows), 2 * CACHED // (m + rows)))
    for i, height in _spans(k, rows):
        target = _cut(out[..., i], m, height)
        for j, length in _spans(n, terms):
            left = _cut(a[..., j], m, length)
            right = _cut(b[..., i, j], height, length).swapaxes(-1, -2).swapaxes(-3, -4)
            parts = left.swapaxes(-3, -4) @ right  # (..., blocks of terms, blocks of rows, M, rows)
            if j.start:
                target += parts.sum(axis=-4)[..., None, :, :, :]
            else:
                np.sum(parts, axis=-4, keepdims=True, out=target)


def _block(m: int, k: int, n: int) -> tuple[int, int]:
    """Rows and columns of the blocks of a product (m, k) by (k, n)."""
    columns = _power_of_two(min(MULTIPLICATIONS // (m * k), CACHED // k))
    if columns >= min(n, NARROW):
        return m, min(n, columns)
    columns = min(n, NARROW)
    rows = _power_of_two(MULTIPLICATIONS // (k * columns))
    return (min(m, rows), columns) if rows >= FEW else (m, n)


def _power_of_two(limit: int) -> int:
    """The largest power of two up to `limit`, at least 1."""
    return 1 << max(limit.bit_length() - 1, 0)


def _spans(length: int, size: int) -> Iterator[tuple[slice, int]]:
    """0 ... length - 1 as a span of whole blocks of `size`, and one block of what is left."""
    whole = length // size * size
    if whole:
        yield slice(0, whole), size
    if whole < length:
        yield slice(whole, length), length - whole


def _cut(x: Array, height: int, width: int) -> Array:
    """A view of `x` (..., M, N) as its blocks, (..., M / height, N / width, height, width)."""
    *batch, m, n = x.shape
    blocks = x.reshape(*batch, m // height, height, n // width, width)
    return blocks.swapaxes(-3, -2)
