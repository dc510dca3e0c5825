"""The moving average of w, held against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.optim.average import BLOCK, Average, RunningAverage


def walk(steps, size, dtype=np.float32):
    """Some vectors, each near the one before."""
    changes = np.random.default_rng(0).normal(size=(steps, size))
    return (5 + 1e-3 * changes.cumsum(axis=0)).astype(dtype)


def textbook(vectors, decay):
    """m <- decay m + (1 - decay) w from 0 on, divided by 1 - decay^k."""
    m = np.zeros(vectors.shape[1])
    for w in vectors.astype(np.float64):
        m = decay * m + (1 - decay) * w
    return m / (1 - decay ** len(vectors))


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_what_the_definition_says(decay, dtype):
    vectors = walk(30, BLOCK + 7, dtype)
    average = RunningAverage(Average(decay=decay), [vectors[0], vectors[0, :3]])
    for number, w in enumerate(vectors, start=1):
        average.update([w, w[:3]])
        expected = textbook(vectors[:number], decay)
        np.testing.assert_allclose(average.means[0], expected, rtol=1e-12)
        np.testing.assert_allclose(average.means[1], expected[:3], rtol=1e-12)


def test_the_first_update_is_w_to_the_bit_and_before_it_there_is_w_0():
    first, second = walk(2, 50)
    average = RunningAverage(Average(decay=0.9), [first])
    np.testing.assert_array_equal(average.means[0], first)
    average.update([second])
    np.testing.assert_array_equal(average.means[0], second)


def test_every_so_many_steps():
    vectors = walk(10, 4)
    average = RunningAverage(Average(decay=0.5, every=3), [vectors[0]])
    for step, w in enumerate(vectors, start=1):
        average.after_step(step, [w])
    assert average.updates == 3
    np.testing.assert_allclose(average.means[0], textbook(vectors[2::3], 0.5), rtol=1e-12)


def test_changes_below_the_precision_of_w_are_not_lost():
    """In single precision an average at 1 would stay there: the steps to it would be rounded."""
    above = np.full(3, 1 + 2**-20, np.float32)
    average = RunningAverage(Average(decay=0.999), [above])
    average.restore([np.ones(3)], 100_000)
    for _ in range(3000):
        average.update([above])
    left = (above - average.means[0]) / 2**-20
    np.testing.assert_allclose(left, 0.999**3000, rtol=1e-6)
    alone = np.float32(1) + np.float32(0.001) * (above[0] - np.float32(1))
    assert alone == 1
