"""Chunks of a batch: a function of the batch size and the layers' shapes only.

Never of the number of workers, the host or a timing, because the sums over chunks, and with
them the last bits of a run, depend on it.
"""

from __future__ import annotations

from typing import NamedTuple

SMALLEST, LARGEST = 16, 64  # samples
CACHE = 32 * 2**20  # bytes of activations that a chunk may fill, unless it is among the smallest
WORTHWHILE = 4 * 2**20  # bytes of activations of a batch that is worth a second thread


class Chunk(NamedTuple):
    """Samples start ... stop - 1 of a batch, which go through the layers together."""

    number: int
    start: int
    stop: int


def chunk_size(batch: int, bytes_per_sample: int) -> int:
    """Samples in a chunk of a batch of `batch`, given the activations of one sample in bytes.

    Samples lie innermost in every array, so that long chunks make long loops: as long as the
    cache bears, with at least two chunks to a batch that is worth it.
    """
    fitting = min(max(CACHE // max(bytes_per_sample, 1), SMALLEST), LARGEST)
    two = batch >= 2 and batch * bytes_per_sample >= WORTHWHILE
    count = max(-(-batch // fitting), 2 if two else 1)
    count += count % 2 if count > 1 else 0  # an even number leaves none of two threads idle
    return -(-batch // count)


def chunks(batch: int, size: int) -> list[Chunk]:
    """A batch of `batch` samples in chunks of `size`; the last one may be smaller."""
    starts = range(0, batch, size)
    return [Chunk(i, start, min(start + size, batch)) for i, start in enumerate(starts)]
