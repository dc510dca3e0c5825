"""How a batch is cut into chunks: a function of the batch size and the layers' shapes only.

Never of the number of workers, the host or a timing, because the sums over chunks, and with
them the last bits of a run, depend on it.
"""

from __future__ import annotations

SMALLEST, LARGEST = 8, 64  # samples
CACHE = 4 * 2**20  # bytes of activations that a chunk may fill


def chunk_size(batch: int, bytes_per_sample: int) -> int:
    """Samples in a chunk of a batch of `batch`, given the activations of one sample in bytes.

    Large enough for efficient products, small enough to stay in cache, and at least two chunks
    to a batch that can bear it.
    """
    fitting = min(max(CACHE // max(bytes_per_sample, 1), SMALLEST), LARGEST)
    chunks = max(-(-batch // fitting), 2 if batch >= 2 * SMALLEST else 1)
    return -(-batch // chunks)


def cut(batch: int, chunk: int) -> list[tuple[int, int, int]]:
    """(number, start, stop) of each chunk of a batch of `batch` samples."""
    starts = range(0, batch, chunk)
    return [(i, start, min(start + chunk, batch)) for i, start in enumerate(starts)]
