"""Blocks of shapes that do not fit, and what is said of them."""

from __future__ import annotations

import pytest
import yaml

from cnntrain.errors import ShapeError
from cnntrain.nn.layers import (
    AvgPool,
    Block,
    Conv,
    Dense,
    Flatten,
    ReLU,
    Repeat,
    Residual,
)
from cnntrain.nn.nodes import DEEPEST, MOST, line

from .test_blocks import END, conv, identity, residual


@pytest.mark.parametrize(
    ("block", "shape", "said"),
    [
        (
            identity(conv(4)),
            (6, 5, 2),
            "layers.0 (residual1): its layers make 6x5x4 of 6x5x2, expected the shape of the "
            "input, to which that is added (add shortcut: [{type: conv, filters: 4, kernel: 1}])",
        ),
        (
            identity(conv(2, stride=2)),
            (6, 5, 2),
            "[{type: conv, filters: 2, kernel: 1, stride: 2}]",
        ),
        (
            identity(conv(3, stride=(1, 2))),
            (6, 5, 2),
            "[{type: conv, filters: 3, kernel: 1, stride: [1, 2]}]",
        ),
        (identity(Conv(filters=2, kernel=3)), (6, 7, 2), "[{type: conv, filters: 2, kernel: 3}]"),
        (identity(Dense(units=5)), (7,), "[{type: dense, units: 5}]"),
        (identity(Flatten()), (2, 2, 2), "[{type: flatten}, {type: dense, units: 8}]"),
        (
            residual([conv(4)], [conv(3, 1)]),
            (6, 5, 2),
            "layers.0 (residual1): its layers lead to 6x5x4, its shortcut to 6x5x3, expected one "
            "shape for both, which are added (such as shortcut: [{type: conv, filters: 4, "
            "kernel: 1}])",
        ),
        (
            Repeat(times=2, name="stage", layers=[Flatten(), Dense(units=4), conv(2)]),
            (6, 5, 2),
            "layers.0.layers.2 (stage/1/conv1): conv needs images",
        ),
    ],
)
def test_shapes_that_differ_and_a_shortcut_that_would_fit(block, shape, said, make_network):
    with pytest.raises(ShapeError) as caught:
        make_network([block, *END], shape, 3)
    assert said in str(caught.value)
    if "shortcut: [" in said and len(shape) == 3 and not isinstance(block, Repeat):
        assert caught.value.path[0] == "layers"


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (conv(4), (6, 5, 2)),
        (conv(4, stride=2), (7, 8, 2)),
        (conv(2, stride=(1, 3)), (7, 8, 2)),
        (Conv(filters=3, kernel=(3, 2)), (7, 8, 2)),
        (AvgPool(window="all"), (7, 8, 2)),
        (Dense(units=5), (7,)),
    ],
)
def test_the_shortcut_that_is_told_fits(layer, shape, make_network):
    with pytest.raises(ShapeError) as caught:
        make_network([identity(layer), *END], shape, 3)
    told = str(caught.value).split("add shortcut: ")[1].removesuffix(")")
    block = {"type": "residual", "layers": [layer], "shortcut": yaml.safe_load(told)}
    make_network([Residual.model_validate(block), *END], shape, 3)


def test_deep_and_many():
    layers: list = [ReLU()]
    for _ in range(DEEPEST):
        layers = [Repeat(times=1, layers=layers)]
    assert len(line(layers).nodes) == 1
    with pytest.raises(ShapeError, match="found blocks 21 deep, expected at most 20"):
        line([Repeat(times=1, layers=layers)])
    assert len(line([Repeat(times=MOST, layers=[ReLU()])]).nodes) == MOST
    many = Repeat(times=10**9, layers=[Repeat(times=10**9, layers=[ReLU()])])
    with pytest.raises(ShapeError, match=r"layers.1 \(repeat1\): found more than 10,000 layers"):
        line([ReLU(), many])


def test_a_block_is_no_layer():
    assert issubclass(Residual, Block)
    assert not hasattr(Residual(layers=[ReLU()]), "forward")
