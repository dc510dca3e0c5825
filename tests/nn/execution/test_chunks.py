"""How a batch is cut: complete, in order, and by sizes alone."""

from __future__ import annotations

import pytest

from cnntrain.nn.execution.chunks import CACHE, LARGEST, SMALLEST, WORTHWHILE, chunk_size, chunks


@pytest.mark.parametrize("batch", [1, 2, 7, 8, 15, 16, 17, 32, 100, 128, 1000, 60000])
@pytest.mark.parametrize("bytes_per_sample", [0, 100, 50_000, CACHE // 10, 10 * CACHE])
def test_chunks_cover_the_batch_in_order(batch, bytes_per_sample):
    pieces = chunks(batch, chunk_size(batch, bytes_per_sample))
    assert [number for number, _, _ in pieces] == list(range(len(pieces)))
    assert [i for _, start, stop in pieces for i in range(start, stop)] == list(range(batch))


@pytest.mark.parametrize(
    ("batch", "bytes_per_sample", "expected"),
    [
        (1, 1000, 1),
        (32, 1000, 32),  # too little work for two threads
        (32, WORTHWHILE // 32, 16),
        (2, 10 * CACHE, 1),
        (128, 1000, LARGEST),
        (130, 1000, 33),  # four of nearly the same size rather than 64 + 64 + 2
        (128, CACHE // 20, 16),  # 20 fit the cache: eight of the same size
        (64, CACHE // 32, 32),
        (128, 10 * CACHE, SMALLEST),
        (60000, 1000, 64),
    ],
)
def test_a_chunk_is_large_but_fits_the_cache(batch, bytes_per_sample, expected):
    assert chunk_size(batch, bytes_per_sample) == expected


def test_the_last_chunk_may_be_smaller():
    assert chunks(10, 4) == [(0, 0, 4), (1, 4, 8), (2, 8, 10)]
