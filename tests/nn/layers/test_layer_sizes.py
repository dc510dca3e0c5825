"""Shapes that layers refuse, operations they count, and the spread of their initial weights."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.layers import AvgPool, Conv, Dense, Flatten, GroupNorm, MaxPool, ReLU, Softmax
from cnntrain.nn.shapes import MisfitError

MOVE = "(move it before flatten and dense layers)"
SMALLER = "(a smaller kernel, or padding: same)"


@pytest.mark.parametrize(
    ("layer", "shape", "flops"),
    [
        (Conv(filters=6, kernel=5, padding="same"), (1, 28, 28), 6 * 28 * 28 * 51),
        (Conv(filters=6, kernel=5, padding="same", bias=False), (1, 28, 28), 6 * 28 * 28 * 50),
        (Conv(filters=6, kernel=3, groups=3, dilation=2), (9, 8, 7), 6 * 4 * 3 * 55),
        (Conv(filters=9, kernel=3, groups=9, bias=False), (9, 8, 7), 9 * 6 * 5 * 18),
        (Dense(units=10), (84,), 10 * 169),
        (Dense(units=10, bias=False), (84,), 10 * 168),
        (ReLU(), (6, 28, 28), 6 * 28 * 28),
        (MaxPool(window=2), (6, 28, 28), 6 * 14 * 14 * 3),
        (MaxPool(window="all"), (6, 4, 5), 6 * 19),
        (AvgPool(window=2), (6, 28, 28), 6 * 14 * 14 * 4),
        (AvgPool(window="all"), (6, 4, 5), 6 * 20),
        (GroupNorm(groups=2), (6, 14, 14), 7 * 6 * 14 * 14),
        (Flatten(), (6, 14, 14), 0),
        (Softmax(), (10,), 40),
    ],
)
def test_flops_count_a_multiply_add_as_two(layer, shape, flops):
    assert layer.flops(shape) == flops


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            Conv(filters=2, kernel=3),
            (7,),
            "conv needs images, found vectors of 7 entries " + MOVE,
        ),
        (
            Conv(filters=2, kernel=5),
            (3, 4, 9),
            "its 5x5 kernel is larger than the 4x9 input " + SMALLER,
        ),
        (
            Conv(filters=2, kernel=(1, 9), padding=1),
            (3, 4, 6),
            "its 1x9 kernel is larger than the 6x8 input " + SMALLER,
        ),
        (
            Conv(filters=2, kernel=(3, 2), dilation=(3, 4)),
            (3, 6, 8),
            "its 3x2 kernel spans 7x5 pixels, which is larger than the 6x8 input " + SMALLER,
        ),
        (
            Conv(filters=8, kernel=3, groups=4),
            (6, 9, 9),
            "its 4 groups do not divide the 6 channels that reach it "
            "(groups: 2, or a divisor of that)",
        ),
        (
            Conv(filters=9, kernel=3, groups=2),
            (6, 9, 9),
            "its 2 groups do not divide the 9 filters (groups: 3, or a divisor of that)",
        ),
        (
            GroupNorm(groups=4),
            (6, 9, 9),
            "its 4 groups do not divide the 6 channels that reach it "
            "(groups: 2, or another divisor)",
        ),
        (
            GroupNorm(groups=6),
            (6,),
            "its 6 groups have one entry each, which would become 0 (fewer groups)",
        ),
        (
            Conv(filters=2, kernel=3),
            (4, 1, 9),
            "its 3x3 kernel is larger than the 1x9 input "
            "(a smaller kernel, or padding: same, or kernel: [3] for signals)",
        ),
        (
            MaxPool(window=(2,)),
            (4, 3, 9),
            "window: [2] is for signals, found images of 3x9x4 (window: 2, or [height, width]; "
            "signals come with data.axes: NLC)",
        ),
        (
            Conv(filters=2, kernel=3, dilation=(2,)),
            (4, 9, 9),
            "dilation: [2] is for signals, found images of 9x9x4 (dilation: 2, or [height, "
            "width]; signals come with data.axes: NLC)",
        ),
        (
            AvgPool(window=(2,), padding=2),
            (3, 1, 9),
            "a 1x2 window may lie in the padding alone (a padding smaller than the window)",
        ),
        (MaxPool(window=2), (7,), "max_pool needs images, found vectors of 7 entries " + MOVE),
        (
            MaxPool(window=2),
            (3, 1, 4),
            "its 2x2 window is larger than the 1x4 input "
            "(a smaller window, or window: [2] for signals)",
        ),
        (
            MaxPool(window=5, stride=2, ceil=True),
            (3, 2, 9),
            "its 5x5 window is larger than the 2x9 input (a smaller window)",
        ),
        (
            AvgPool(window=(3, 2), padding=(0, 2, 0, 2)),
            (3, 9, 9),
            "a 3x2 window may lie in the padding alone (a padding smaller than the window)",
        ),
        (
            MaxPool(window=2, padding=2),
            (3, 9, 9),
            "a 2x2 window may lie in the padding alone (a padding smaller than the window)",
        ),
        *(
            (
                AvgPool(window="all", **other),
                (3, 9, 9),
                f"window: all is one window over the whole image, without {key} (remove {key})",
            )
            for other in ({"stride": 2}, {"padding": 1}, {"ceil": True})
            for key in other
        ),
        (
            Dense(units=2),
            (3, 4, 5),
            "dense needs vectors, found images of 4x5x3 (put {type: flatten} before it)",
        ),
        (
            Softmax(),
            (3, 4, 5),
            "softmax needs vectors, found images of 4x5x3 "
            "(put {type: flatten} and a dense layer before it)",
        ),
    ],
)
def test_a_layer_refuses_a_shape_it_cannot_work_on(layer, shape, message):
    with pytest.raises(MisfitError) as caught:
        layer.check_input(shape)
        layer.output_shape(shape)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("layer", "shape", "std"),
    [
        (Dense(units=50), (800,), np.sqrt(2 / 800)),
        (Dense(units=50, init="glorot_uniform"), (800,), np.sqrt(2 / 850)),
        (Dense(units=50, init={"type": "gaussian", "std": 0.01}), (800,), 0.01),
        (Conv(filters=64, kernel=(3, 5)), (8, 9, 9), np.sqrt(2 / (8 * 15))),
        (
            Conv(filters=64, kernel=(3, 5), init="glorot_uniform"),
            (8, 9, 9),
            np.sqrt(2 / (8 * 15 + 64 * 15)),
        ),
        (Conv(filters=64, kernel=(3, 5), groups=4), (8, 9, 9), np.sqrt(2 / (2 * 15))),
        (
            Conv(filters=64, kernel=(3, 5), groups=4, init="glorot_uniform"),
            (8, 9, 9),
            np.sqrt(2 / (2 * 15 + 16 * 15)),
        ),
    ],
)
def test_initial_weights_spread_by_the_inputs_and_outputs_of_a_unit(layer, shape, std):
    size = layer.parameter_shapes(shape)["weight"]
    weight = layer.initial_parameter("weight", size, "key")
    assert weight.std() == pytest.approx(std, rel=5 / np.sqrt(2 * weight.size))


def test_a_layer_without_parameters_has_no_initial_ones():
    with pytest.raises(KeyError, match="weight"):
        ReLU().initial_parameter("weight", (1,))
