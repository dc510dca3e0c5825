"""The flat vector and the arrays that are views into it."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.parameters import Parameters

SHAPES = [{"weight": (2, 3), "bias": (2,)}, {}, {"weight": (1, 2)}]


def test_arrays_follow_one_another_in_network_order():
    parameters = Parameters(SHAPES)
    assert [(p.layer, p.name, p.shape, p.start, p.stop) for p in parameters] == [
        (0, "weight", (2, 3), 0, 6),
        (0, "bias", (2,), 6, 8),
        (2, "weight", (1, 2), 8, 10),
    ]
    assert (parameters.count, parameters.layers) == (10, 3)


def test_arrays_are_row_major_views():
    w = np.arange(10.0)
    first, second, third = Parameters(SHAPES).views(w)
    np.testing.assert_array_equal(first["weight"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(first["bias"], [6, 7])
    assert second == {}
    third["weight"][0, 1] = -1
    assert w[9] == -1


def test_a_network_without_parameters_has_an_empty_vector():
    parameters = Parameters([{}, {}])
    assert parameters.count == 0
    assert parameters.views(np.zeros(0)) == [{}, {}]
