"""Sums over the tree of chunk numbers: its shape by a slow reference, and what is alive at once."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.execution.tree import tree_sum

COUNTS = [*range(1, 34), 64, 100, 127, 128, 129, 1000]


def obvious(addends):
    """Neighbours in pairs, then the pairs in pairs; one without a neighbour waits for the next
    level."""
    while len(addends) > 1:
        addends = [
            addends[i] if i + 1 == len(addends) else (addends[i], addends[i + 1])
            for i in range(0, len(addends), 2)
        ]
    return addends[0]


@pytest.mark.parametrize("count", COUNTS)
def test_the_tree_is_that_of_pairs_of_pairs(count):
    assert tree_sum(range(count), lambda a, b: (a, b)) == obvious(list(range(count)))


def test_a_subtree_can_be_summed_anywhere():
    rng = np.random.default_rng(0)
    addends = [float(a) for a in rng.normal(size=45) * 10 ** rng.uniform(-8, 8, size=45)]
    whole = tree_sum(addends, float.__add__)
    for size in (2, 4, 8, 16, 32):
        parts = [
            tree_sum(addends[i : i + size], float.__add__) for i in range(0, len(addends), size)
        ]
        assert tree_sum(parts, float.__add__) == whole
    assert whole != sum(addends)  # the order counts


@pytest.mark.parametrize("count", COUNTS)
def test_at_most_the_logarithm_of_their_number_wait(count):
    alive, most = 0, 0

    def addends():
        nonlocal alive, most
        for number in range(count):
            alive += 1
            most = max(most, alive)
            yield number

    def add(a, b):
        nonlocal alive
        alive -= 1
        return a + b

    assert tree_sum(addends(), add) == sum(range(count))
    assert alive == 1
    assert most <= 1 + count.bit_length()


def test_rounding_errors_stay_small():
    addends = [np.float32(0.1)] * 2**16
    exact = float(np.float32(0.1)) * 2**16
    assert tree_sum(addends, lambda a, b: a + b) == pytest.approx(exact, rel=1e-7)
    assert float(sum(addends)) != pytest.approx(exact, rel=1e-5)
