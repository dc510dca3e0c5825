"""What a network is handed from outside is checked at its doors."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.errors import CnntrainError
from cnntrain.nn.layers import Dense

X, Y = np.zeros((5, 6, 6, 2)), np.array([0, 1, 2, 0, 1])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, Y - 1, "label 0 of y is -1, allowed is 0 to 2"),
        (X, Y * 10, "label 1 of y is 10, allowed is 0 to 2"),
        (X, Y.astype(float), r"y has type float64 and shape \(5,\), expected whole numbers \(N,\)"),
        (X, np.eye(3)[Y], "expected whole numbers"),
        (X, Y[:4], r"y has shape \(4,\), expected an entry for each of 5 samples"),
        (X[:, :3], Y, r"x has shape \(5, 3, 6, 2\) and type float64, expected .* \(N, 6, 6, 2\)"),
        (X[..., 0], Y, r"x has shape \(5, 6, 6\)"),
        (X.astype(str), Y, "and type <U32, expected numbers"),
        (X[:0], Y[:0], "x is empty, expected one sample or more"),
    ],
)
def test_samples_that_do_not_fit_are_refused(tiny_network, x, y, message):
    network = tiny_network()
    with pytest.raises(CnntrainError, match=message):
        network.loss_and_gradient(network.initial_parameters(0), x, y)


def test_targets_are_vectors_of_the_outputs(make_network):
    network = make_network([Dense(units=2)], (3,), 2, "quadratic")
    w, x = network.initial_parameters(0), np.ones((4, 3))
    for y in (np.ones((4, 2)), np.ones((4, 2), dtype=int), np.array([0, 1, 1, 0])):
        network.loss_and_gradient(w, x, y)
    for y in (np.ones((4, 3)), np.ones(4), np.array([0, 1, 2, 0])):
        with pytest.raises(CnntrainError, match=r"expected .* targets$|allowed is 0 to 1"):
            network.loss_and_gradient(w, x, y)


def test_predictions_check_parameters_and_inputs(tiny_network):
    network = tiny_network()
    w = network.initial_parameters(0)
    assert network.predict(w, X[:0]).shape == (0, 3)
    with pytest.raises(CnntrainError, match=r"w has shape \(140,\), expected \(141,\)"):
        network.predict(w[:-1], X)
    with pytest.raises(CnntrainError, match="w has shape"):
        network.loss_and_gradient(w[:-1], X, Y)
    with pytest.raises(CnntrainError, match="x has shape"):
        network.predict(w, X[0])
