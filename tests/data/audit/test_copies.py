"""Equal samples, against a comparison of all with all."""

from itertools import combinations

import numpy as np
import pytest

from cnntrain.data.audit.copies import MEMBERS, SHOWN, copies


def slow_groups(samples):
    """Groups of (part, position) of `samples`, a dictionary, with equal inputs."""
    groups = []
    for name, value in samples.items():
        for group in groups:
            if np.array_equal(samples[group[0]], value):
                group.append(name)
                break
        else:
            groups.append([name])
    return [group for group in groups if len(group) > 1]


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_those_of_a_comparison_of_all_with_all(dataset, seed):
    random = np.random.default_rng(seed)
    parts = {
        name: (
            random.integers(0, 3, (count, 2, 2, 1)).astype(np.uint8),
            random.integers(0, 2, count),
        )
        for name, count in (("train", 40), ("validation", 9), ("test", 20))
    }
    samples = {(name, k): x for name, (xs, _) in parts.items() for k, x in enumerate(xs)}
    labels = {(name, k): y for name, (_, ys) in parts.items() for k, y in enumerate(ys)}
    groups = slow_groups(samples)
    found = copies(dataset(**parts))
    assert found.groups == len(groups) > 5
    assert found.across == sum(len({part for part, _ in group}) > 1 for group in groups)
    differing = [len({labels[one] for one in group}) > 1 for group in groups]
    assert found.differing == sum(differing)
    for name in parts:
        own = [sum(part == name for part, _ in group) for group in groups]
        assert found.inside[name] == sum(max(0, count - 1) for count in own)
    expected = [g for g, d in zip(groups, differing, strict=True) if d]
    expected += [g for g, d in zip(groups, differing, strict=True) if not d]
    assert [group.count for group in found.first] == [len(g) for g in expected[:SHOWN]]
    for group, members in zip(found.first, expected, strict=False):
        shown = [(one.part, one.index) for one in group.samples]
        assert len(shown) == min(len(members), MEMBERS)
        assert set(shown) <= set(members)
        assert group.differing == (len({one.label for one in group.samples}) > 1)


def test_one_other_label_among_many_is_shown(dataset):
    y = np.zeros(50, dtype=np.int64)
    y[44] = 1
    (group,) = copies(dataset(train=(np.ones((50, 3)), y))).first
    assert group.count == 50
    assert [one.index for one in group.samples] == [0, 1, 2, 3, 44]


def test_targets_of_copies_may_differ(dataset):
    x = np.ones((4, 3))
    assert copies(dataset(train=(x, np.ones((4, 2))))).differing == 0
    assert copies(dataset(train=(x, np.arange(8.0).reshape(4, 2)))).differing == 1


def test_samples_are_named_by_file_and_by_their_place_in_it(dataset):
    x = np.array([[1.0], [2.0], [1.0]])
    files = {"train": ("a/1.png", "a/2.png", "b/3.png")}
    (group,) = copies(dataset(train=(x, [0, 0, 1]), files=files)).first
    assert [(one.file, one.index, one.label) for one in group.samples] == [
        ("a/1.png", 0, "a"),
        ("b/3.png", 2, "b"),
    ]


def test_no_copies(dataset):
    data = dataset(train=(np.arange(8.0).reshape(4, 2), [0, 1, 0, 1]))
    assert all(not np.array_equal(a, b) for a, b in combinations(data.train.x, 2))
    found = copies(data)
    assert (found.groups, found.across, found.differing, found.first) == (0, 0, 0, [])
