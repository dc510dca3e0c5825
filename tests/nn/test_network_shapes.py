"""Shapes through the network, and the errors that name the layer that does not fit."""

from __future__ import annotations

import pytest

from cnntrain.errors import ShapeError
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax


@pytest.mark.parametrize(
    ("layers", "shape", "outputs", "loss", "index", "message"),
    [
        (
            [Dense(units=10), Softmax()], (28, 28, 1), 10, "cross_entropy", 0,
            "layers.0 (dense1): dense needs vectors, found images of 28x28x1 "
            "(put {type: flatten} before it)",
        ),
        (
            [Flatten(), Conv(filters=3, kernel=3)], (28, 28, 1), 10, "quadratic", 1,
            "layers.1 (conv1): conv needs images, found vectors of 784 entries "
            "(move it before flatten and dense layers)",
        ),
        (
            [Conv(filters=3, kernel=3), MaxPool(window=2), Conv(filters=3, kernel=5), Softmax()],
            (8, 8, 1), 10, "cross_entropy", 2,
            "layers.2 (conv2): its 5x5 kernel is larger than the 3x3 input "
            "(a smaller kernel, or padding: same)",
        ),
        (
            [Conv(filters=3, kernel=3), MaxPool(window=2), MaxPool(window=4), Flatten(), Softmax()],
            (8, 8, 1), 10, "cross_entropy", 2,
            "layers.2 (max_pool2): its 4x4 window is larger than the 3x3 input (a smaller "
            "window)",
        ),
        (
            [Softmax()], (8, 9, 3), 10, "cross_entropy", 0,
            "layers.0 (softmax1): softmax needs vectors, found images of 8x9x3 "
            "(put {type: flatten} and a dense layer before it)",
        ),
        (
            [Flatten(), Dense(units=10), ReLU()], (8, 8, 1), 10, "cross_entropy", 2,
            "layers.2 (relu1): cross_entropy needs a soft-max as last layer "
            "(add {type: softmax} at the end)",
        ),
        (
            [Flatten(), Dense(units=4), ReLU(), Dense(units=7), Softmax()],
            (8, 8, 1), 10, "cross_entropy", 3,
            "layers.3 (dense2) leads to 7 outputs but the data have 10 classes "
            "(set units: 10)",
        ),
        (
            [Dense(units=7), ReLU()], (5,), 2, "quadratic", 0,
            "layers.0 (dense1) leads to 7 outputs but the data have 2 to predict (set units: 2)",
        ),
        (
            [Conv(filters=3, kernel=3)], (8, 8, 1), 108, "quadratic", 0,
            "layers.0 (conv1) leads to 6x6x3 outputs but the data have 108 to predict "
            "(end in {type: dense, units: 108})",
        ),
    ],
)  # fmt: skip
def test_layers_that_do_not_fit_are_named(
    layers, shape, outputs, loss, index, message, make_network
):
    with pytest.raises(ShapeError) as caught:
        make_network(layers, shape, outputs, loss)
    assert str(caught.value) == message
    assert caught.value.path[:2] == ("layers", index)


def test_shapes_are_those_of_one_sample(lenet_layers, make_network):
    network = make_network(lenet_layers, (28, 28, 1), 10)
    assert network.shapes == [
        (1, 28, 28), (6, 28, 28), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 10, 10), (16, 5, 5),
        (400,), (120,), (120,), (84,), (84,), (10,), (10,),
    ]  # fmt: skip
    assert network.parameters.count == 156 + 2416 + 48120 + 10164 + 850
