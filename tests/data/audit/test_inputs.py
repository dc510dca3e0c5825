"""Statistics of inputs against their definitions; what never changes; parts that differ."""

import numpy as np
import pytest

from cnntrain.data.audit import sample
from cnntrain.data.audit.inputs import ChannelStatistics, InputStatistics, shifted
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part


def part_of(x, indices=None):
    x = np.asarray(x)
    indices = np.arange(len(x)) if indices is None else np.asarray(indices)
    return Part(Examples(x, np.zeros(len(x), dtype=np.int64)), indices)


@pytest.mark.parametrize("entries", [1, 50, 2**22])
@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).integers(0, 256, (40, 5, 4, 3), dtype=np.uint8),
        np.random.default_rng(1).normal(1e6, 1, (40, 5, 4, 2)).astype(np.float32),
        np.random.default_rng(2).normal(-3, 2, (40, 7)),
    ],
    ids=["bytes", "far from zero", "vectors"],
)
def test_means_and_deviations_are_those_of_the_part(x, entries, monkeypatch):
    monkeypatch.setattr(sample, "ENTRIES", entries)
    indices = np.arange(1, 40, 3)
    found = InputStatistics.of(part_of(x, indices))
    for k, channel in enumerate(found.channels):
        values = x[indices][..., k].astype(np.float64).ravel()
        assert channel.minimum == values.min()
        assert channel.maximum == values.max()
        assert channel.mean == pytest.approx(values.mean(), rel=1e-12)
        assert channel.deviation == pytest.approx(values.std(), rel=1e-6)
    assert (found.minimum, found.maximum) == (x[indices].min(), x[indices].max())


def test_equal_values_have_no_deviation():
    assert InputStatistics.of(part_of(np.full((9, 3), 0.1))).channels[1].deviation == 0


def test_what_never_changes_is_counted():
    x = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    x[:, 0] = 7
    x[..., 1] = 200
    found = InputStatistics.of(part_of(x))
    assert found.constant_channels == (1,)
    assert (found.constant_entries, found.entries) == (16 + 2 * 4, 48)


def test_equal_channels():
    x = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 1), dtype=np.uint8)
    same = np.repeat(x, 3, axis=3)
    assert InputStatistics.of(part_of(same)).equal
    assert not InputStatistics.of(part_of(x)).equal
    same[29, 3, 3, 2] ^= 1
    assert not InputStatistics.of(part_of(same)).equal
    assert not InputStatistics.of(part_of(np.ones((5, 3)))).equal


@pytest.mark.parametrize("entries", [1, 100, 2**22])
def test_pictures_of_one_value(entries, monkeypatch):
    monkeypatch.setattr(sample, "ENTRIES", entries)
    x = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 2), dtype=np.uint8)
    x[[3, 17]] = 9
    x[5, ..., 0], x[5, ..., 1] = 1, 2
    assert InputStatistics.of(part_of(x)).blank.tolist() == [3, 17]
    assert InputStatistics.of(part_of(np.zeros((4, 3)))).blank.tolist() == []  # vectors
    assert InputStatistics.of(part_of(np.zeros((4, 1, 1, 1)))).blank.tolist() == []


def statistics(mean, deviation, images=True):
    entry = np.zeros((4, 4, 1) if images else (1,))
    channel = ChannelStatistics(-9, 9, mean, deviation)
    return InputStatistics((channel,), entry, entry, False, np.zeros(0, dtype=np.int64))


@pytest.mark.parametrize(
    ("mean", "deviation", "count", "differs"),
    [
        (0.2, 1, 10**6, False),  # little, if certain
        (0.3, 1, 10**6, True),
        (-0.3, 1, 10**6, True),
        (0.3, 1, 400, False),  # may be chance
        (1.0, 1, 400, True),
        (0, 1.4, 1000, False),
        (0, 1.6, 1000, True),
        (0, 0.6, 1000, True),
        (0, 0.6, 99, False),
    ],
)
def test_a_part_that_differs_much(mean, deviation, count, differs):
    assert shifted(statistics(0, 1), statistics(mean, deviation), count) == ((0,) * differs)


def test_parts_that_are_drawn_alike_do_not_differ():
    random = np.random.default_rng(0)
    rare = (random.random((3000, 500)) < 0.002).astype(np.float32)  # entries that are mostly 0
    train, test = (InputStatistics.of(part_of(x)) for x in (rare[:2500], rare[2500:]))
    assert shifted(train, test, 500) == ()
