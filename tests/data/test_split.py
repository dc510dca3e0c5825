"""Which samples go to which part."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain.data.split import split_off
from cnntrain.errors import DataError

LABELS = np.repeat([0, 1, 2], [50, 30, 20])
ALL = np.arange(100)


def test_each_class_gives_in_proportion():
    stay, go = split_off(LABELS, ALL, 0.3, "validation", 0)
    assert list(np.bincount(LABELS[go])) == [15, 9, 6]
    assert list(np.bincount(LABELS[stay])) == [35, 21, 14]


def test_a_split_stays_what_it_is():
    """Pinned: a change would put other samples in the parts of every run there is."""
    _, go = split_off(LABELS, ALL, 10, "validation", 0)
    assert go.tolist() == [1, 26, 29, 42, 43, 61, 76, 79, 83, 84]
    _, many = split_off(np.arange(10_000) % 7, np.arange(10_000), 0.1, "test", 42)
    assert hashlib.sha256(many.astype("<i8").tobytes()).hexdigest()[:16] == "985068cae375dc1a"


@pytest.mark.parametrize(
    ("share", "count"), [(0.25, 25), (0.005, 1), (0.994, 99), (0.125, 13), (7, 7), (99, 99)]
)
def test_fractions_are_rounded_and_counts_are_exact(share, count):
    stay, go = split_off(LABELS, ALL, share, "test", 0)
    assert (len(stay), len(go)) == (100 - count, count)


@pytest.mark.parametrize("share", [0.004, 0.995, 100, 101])
def test_no_part_may_be_empty(share):
    with pytest.raises(DataError, match=f"data.test: {share} "):
        split_off(LABELS, ALL, share, "test", 0)


def test_parts_come_in_stored_order_and_depend_on_seed_and_name():
    parts = {
        (name, seed): split_off(LABELS, ALL, 20, name, seed)
        for name in ("validation", "test")
        for seed in (0, 1)
    }
    for stay, go in parts.values():
        assert (np.diff(stay) > 0).all() and (np.diff(go) > 0).all()
    assert len({go.tobytes() for _, go in parts.values()}) == 4


def test_targets_are_drawn_without_regard_to_their_values():
    first = split_off(np.zeros((100, 2)), ALL, 20, "test", 0)[1]
    second = split_off(np.random.default_rng(0).normal(size=(100, 1)), ALL, 20, "test", 0)[1]
    np.testing.assert_array_equal(first, second)
    assert len(first) == 20


@given(
    labels=st.lists(st.integers(0, 5), min_size=2, max_size=60),
    share=st.floats(0.01, 0.99) | st.integers(1, 59),
    seed=st.integers(0, 3),
)
def test_classes_keep_their_shares_to_within_one_sample(labels, share, seed):
    labels = np.array(labels)
    indices = np.flatnonzero(np.arange(len(labels)) != 1)
    count = math.floor(share * len(indices) + 0.5) if isinstance(share, float) else share
    if not 1 <= count < len(indices):
        return
    stay, go = split_off(labels, indices, share, "validation", seed)
    assert len(go) == count
    np.testing.assert_array_equal(np.sort(np.concatenate([stay, go])), indices)
    quotas = np.bincount(labels[indices]) * count / len(indices)
    taken = np.bincount(labels[go], minlength=len(quotas))
    assert (np.abs(taken - quotas) < 1).all()


def test_a_config_asks_for_parts_one_after_the_other(npz):
    x = np.arange(200).reshape(100, 2)
    data = npz(", test: 0.2, validation: 0.25, split_seed: 3", x=x, y=LABELS)
    rest, test = split_off(LABELS, ALL, 0.2, "test", 3)
    train, validation = split_off(LABELS, rest, 0.25, "validation", 3)
    assert list(data.split) == ["train", "validation", "test"]
    for found, wanted in zip(data.split.values(), (train, validation, test), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_split_does_not_depend_on_the_inputs(npz):
    x = np.random.default_rng(0).normal(size=(100, 2))
    first, second = (npz(", test: 0.2, validation: 5", x=v, y=LABELS) for v in (x, x + 1))
    assert first.split_hash == second.split_hash
    assert first.split_hash != npz(", test: 0.2, validation: 6", x=x, y=LABELS).split_hash
