"""Batches: which samples a step sees."""

import hashlib

import numpy as np
import pytest

from cnntrain.data import Batches
from cnntrain.errors import DataError


def epoch(batches, number, start=0):
    return [batch.tolist() for batch in batches.batches(number, start)]


@pytest.mark.parametrize(
    ("count", "size", "drop_last", "sizes"),
    [
        (10, 4, False, [4, 4, 2]),
        (10, 4, True, [4, 4]),
        (10, 5, True, [5, 5]),
        (10, 10, False, [10]),
        (10, 64, False, [10]),
        (10, "full", False, [10]),
        (10, "full", True, [10]),
        (3, 1, False, [1, 1, 1]),
    ],
)
def test_each_sample_comes_at_most_once_an_epoch(count, size, drop_last, sizes):
    batches = Batches(count, size, 0, drop_last)
    for number in (1, 2):
        found = epoch(batches, number)
        assert [len(batch) for batch in found] == sizes
        samples = sum(found, [])
        assert len(set(samples)) == len(samples) == batches.samples_per_epoch == sum(sizes)
        assert set(samples) <= set(range(count))
    assert batches.steps_per_epoch == len(sizes)


def test_the_order_is_a_function_of_seed_and_epoch():
    one, two = Batches(100, 7, 3, False), Batches(100, 7, 3, False)
    late = epoch(two, 5)
    for number in range(1, 6):
        last = epoch(one, number)
    assert last == late
    assert late != epoch(one, 6)
    assert late != epoch(Batches(100, 7, 4, False), 5)


def test_the_order_does_not_depend_on_the_size_of_batches():
    assert sum(epoch(Batches(50, 7, 0, False), 1), []) == sum(
        epoch(Batches(50, 8, 0, False), 1), []
    )


def test_the_order_stays_what_it_is():
    """Pinned: a change would make every run there is another one."""
    assert Batches(10, 10, 0, False).order(1).tolist() == [2, 3, 9, 8, 0, 6, 5, 4, 7, 1]
    order = Batches(60_000, 32, 7, False).order(3).astype("<i8")
    assert hashlib.sha256(order.tobytes()).hexdigest()[:16] == "72233c071ea8aaed"


@pytest.mark.parametrize("start", range(4))
def test_an_epoch_can_start_in_the_middle(start):
    batches = Batches(10, 4, 0, False)
    assert epoch(batches, 2, start) == epoch(batches, 2)[start:]


def test_drop_last_must_leave_a_batch():
    with pytest.raises(DataError, match="batch_size is 11, the training part has 10 samples"):
        Batches(10, 11, 0, True)


def test_samples_are_the_standardised_ones_of_a_part(npz):
    x = np.random.default_rng(0).integers(0, 256, (40, 4, 3, 2), dtype=np.uint8)
    data = npz(", test: 10", x=x, y=np.arange(40) % 4)
    whole = data.samples(data.test)
    assert len(whole) == 10
    inner, y = whole.chunk(2, 6, np.float64)
    wanted = data.standardizer.apply(x[data.test.indices[2:6]], np.float64)
    np.testing.assert_array_equal(inner, wanted)
    np.testing.assert_array_equal(y, data.test.indices[2:6] % 4)


def test_samples_of_a_batch_are_those_at_its_positions(npz):
    x = np.arange(120).reshape(40, 3)
    data = npz(", test: 10, standardize: none", x=x, y=np.arange(40) % 4)
    positions = np.array([5, 3, 29])
    batch = data.samples(data.train, positions)
    inner, y = batch.chunk(0, 3, np.float32)
    np.testing.assert_array_equal(inner.T, x[data.train.indices[positions]])
    np.testing.assert_array_equal(y, data.train.y[positions])
    assert len(batch) == 3
