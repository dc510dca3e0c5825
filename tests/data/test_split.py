"""Which samples go to which part."""

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain import randomness
from cnntrain.data.grouped_split import dealt
from cnntrain.data.sources.source import Fold
from cnntrain.data.split import fold_off, split_off
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


LABELLINGS = st.lists(st.integers(0, 4), min_size=2, max_size=60)


def _folds(labels, indices, of, seed=0, groups=None):
    """The samples in each fold."""
    folds = [fold_off(labels, indices, Fold(of=of, index=i), seed, groups) for i in range(of)]
    for outside, inside in folds:  # both ascending, and together all there are
        assert (np.diff(outside) > 0).all() and (np.diff(inside) > 0).all()
        np.testing.assert_array_equal(np.sort(np.concatenate([outside, inside])), indices)
    return [inside for _, inside in folds]


@given(LABELLINGS, st.integers(2, 7), st.integers(0, 3))
def test_folds_divide_the_samples_and_each_class_evenly(labels, of, seed):
    labels = np.array(labels)
    indices = np.flatnonzero(np.arange(len(labels)) % 5 != 3)  # the rest is a test part
    of = max(min(of, len(indices)), 2)
    if len(indices) < 2:
        return
    folds = _folds(labels, indices, of, seed)
    assert sorted(np.concatenate(folds).tolist()) == indices.tolist()
    for counted in (indices, *(indices[labels[indices] == label] for label in range(5))):
        sizes = [len(np.intersect1d(fold, counted)) for fold in folds]
        assert max(sizes) - min(sizes) <= 1


def test_folds_are_drawn_anew_with_another_seed_and_have_one_size_more_first():
    first, second = _folds(LABELS, ALL, 3), _folds(LABELS, ALL, 3, seed=1)
    assert [len(fold) for fold in first] == [34, 33, 33]
    assert {fold.tobytes() for fold in first}.isdisjoint(fold.tobytes() for fold in second)


def test_folds_stay_what_they_are():
    """Pinned: a change would put other samples in the parts of every run there is."""
    assert _folds(LABELS, ALL, 10)[3].tolist() == [5, 7, 9, 16, 39, 69, 73, 77, 82, 94]
    of_groups = _folds(LABELS, ALL, 4, groups=ALL // 7)[1]
    assert np.unique(of_groups // 7).tolist() == [0, 7, 12]


def test_folds_of_targets_are_drawn_without_regard_to_their_values():
    values = np.random.default_rng(0).normal(size=(100, 1))
    for one, other in zip(_folds(np.zeros((100, 2)), ALL, 5), _folds(values, ALL, 5), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("groups", "message"),
    [(None, "data.fold.of: 101 folds of 100 samples, expected at least 101 samples"),
     (ALL // 10, "data.fold.of: 11 folds of 10 groups, expected at least 11 groups")],
)  # fmt: skip
def test_there_are_no_empty_folds(groups, message):
    of = 101 if groups is None else 11
    with pytest.raises(DataError, match=message):
        fold_off(LABELS, ALL, Fold(of=of), 0, groups)
    assert len(fold_off(LABELS, ALL, Fold(of=of - 1), 0, groups)[1]) == (1 if of == 101 else 10)


def test_a_split_needs_two_groups():
    with pytest.raises(DataError, match="data.test: two parts of 1 groups, expected at least 2"):
        split_off(LABELS, ALL, 20, "test", 0, np.zeros(100, dtype=np.int64))


GROUPED = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=2, max_size=50)


def _deviation(samples, classes, size):
    """The sum of (have - want)^2 / want of a share, over the classes and over all samples."""
    total = Fraction(0)
    for label in (*set(classes), None):
        of_class = {i for i, c in enumerate(classes) if label in (None, c)}
        want = Fraction(len(of_class)) * size / len(classes)
        total += (len(samples & of_class) - want) ** 2 / want
    return total


@given(GROUPED, st.integers(2, 5), st.integers(0, 3))
def test_each_group_goes_where_it_disturbs_the_proportions_least(samples, of, seed):
    groups, classes = (np.array(column) for column in zip(*samples, strict=True))
    n, names = len(groups), list(dict.fromkeys(groups.tolist()))
    of = max(2, min(of, len(names)))
    if len(names) < 2:
        return
    sizes = [Fraction(n, of + 1)] * (of - 1) + [
        Fraction(2 * n, of + 1)
    ]  # the last is twice as large
    share_of = dealt(groups, classes, [float(size) for size in sizes], "some", seed).tolist()
    members = {name: {i for i in range(n) if groups[i] == name} for name in names}
    shuffled = [names[i] for i in randomness.permutation(len(names), "some", seed)]
    order = sorted(shuffled, key=lambda name: -len(members[name]).bit_length())
    shares = [set() for _ in sizes]
    for place, name in enumerate(order):
        (chosen,) = {share_of[i] for i in members[name]}  # no group is divided
        empty = [k for k in range(of) if not shares[k]]
        allowed = empty if len(empty) >= len(order) - place else range(of)
        costs = {
            k: _deviation(shares[k] | members[name], classes.tolist(), sizes[k])
            - _deviation(shares[k], classes.tolist(), sizes[k])
            for k in allowed
        }
        assert costs[chosen] <= min(costs.values()) + Fraction(1, 10**9)
        shares[chosen] |= members[name]
    assert all(shares)


@pytest.mark.parametrize("as_text", [False, True])
def test_folds_of_groups_are_near_in_size_and_stratified(as_text):
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(120), random.integers(1, 12, 120))
    labels = random.integers(0, 3, 120)[groups]  # of one class each
    names = np.array([f"patient {number:03}" for number in groups]) if as_text else groups
    indices = np.arange(len(groups))
    folds = _folds(labels, indices, 5, groups=names)
    assert sorted(np.concatenate(folds).tolist()) == indices.tolist()
    for fold, same in zip(folds, _folds(labels, indices, 5, groups=-groups), strict=True):
        np.testing.assert_array_equal(fold, same)  # whatever they are called
    assert sum(len(np.unique(groups[fold])) for fold in folds) == 120
    for label in range(3):
        sizes = [int((labels[fold] == label).sum()) for fold in folds]
        assert max(sizes) - min(sizes) <= 4
    sizes = [len(fold) for fold in folds]
    assert max(sizes) - min(sizes) <= 4


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        (", validation: 0.1", "data.validation asks for 5 of 50 samples, and 10 are there"),
        (", fold: {of: 3, index: 2}", "data.fold asks for 17 of 50 samples, and 10 are there"),
        (
            ", test: 0.4, validation: 3",
            "data.validation asks for 3 of 30 samples, and 10 are there",
        ),
        (", validation: 0.2, test: 10", None),
    ],
)
def test_a_part_that_groups_make_too_large_or_too_small_is_a_warning(npz, more, warning):
    x = np.arange(100.0).reshape(50, 2)
    data = npz(f"{more}, group: g", x=x, y=np.arange(50) % 2, g=np.arange(50) // 10)
    assert data.warnings == ((f"{warning}: groups are not divided",) if warning else ())


def test_a_part_of_groups_has_about_the_size_and_the_classes_asked_for():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(120), random.integers(1, 12, 120))
    labels = random.integers(0, 3, len(groups))
    stay, go = split_off(labels, np.arange(len(groups)), 0.2, "test", 0, groups)
    assert set(groups[stay]).isdisjoint(groups[go])
    np.testing.assert_allclose(np.bincount(labels[go]), 0.2 * np.bincount(labels), atol=4)
    assert abs(len(go) - 0.2 * len(groups)) <= 3
    # Large groups and small ones both give their share.
    sizes = np.bincount(groups)[np.unique(groups[go])]
    assert sizes.min() <= 2 and sizes.max() >= 10
    other = split_off(labels, np.arange(len(groups)), 0.2, "test", 1, groups)[1]
    assert set(groups[go]) != set(groups[other])
