"""Sums over flat vectors."""

import math

import numpy as np
import pytest

from cnntrain.nn.reductions import norm


@pytest.mark.parametrize("size", [5e-324, 1e-200, 1e-20, 1.0, 1e20, 1e200])
def test_a_norm_is_neither_lost_nor_infinite(size):
    assert norm(np.array([3.0, -4.0]) * size) == pytest.approx(5 * size)


def test_norms_of_nothing_zeros_and_numbers_that_are_not_finite():
    assert norm(np.array([])) == norm(np.zeros(3)) == 0
    assert norm(np.array([1, math.inf])) == math.inf
    assert math.isnan(norm(np.array([1, math.nan])))
