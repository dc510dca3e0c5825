"""Every layer held to the same contracts; a new layer adds rows to CASES and a slow reference."""

from __future__ import annotations

import pytest
from layer_contracts import CONTRACTS
from slow_layers import SLOW

from cnntrain.nn.layers import (
    ELU,
    GELU,
    LAYERS,
    AvgPool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)

CASES = {
    "conv": (Conv(filters=3, kernel=3), (2, 6, 6)),
    "conv of one pixel": (Conv(filters=2, kernel=1), (3, 1, 1)),
    "conv with a kernel as large as the image": (Conv(filters=2, kernel=5), (1, 5, 5)),
    "conv same": (Conv(filters=3, kernel=3, padding="same"), (2, 5, 6)),
    "conv same with an even kernel": (Conv(filters=2, kernel=4, padding="same"), (1, 6, 5)),
    "conv same with a stride": (Conv(filters=2, kernel=3, stride=2, padding="same"), (2, 7, 8)),
    "conv same with a stride above the kernel": (
        Conv(filters=2, kernel=1, stride=3, padding="same"),
        (1, 7, 5),
    ),
    "conv with a stride that leaves out rows": (Conv(filters=2, kernel=3, stride=2), (1, 8, 6)),
    "conv with two strides": (Conv(filters=2, kernel=2, stride=(3, 1)), (2, 8, 4)),
    "conv with a rectangular kernel": (Conv(filters=2, kernel=(2, 4)), (2, 5, 7)),
    "conv padded by a number": (Conv(filters=2, kernel=3, padding=2), (1, 4, 5)),
    "conv padded unevenly": (
        Conv(filters=2, kernel=(3, 2), stride=(1, 2), padding=(0, 2, 1, 3)),
        (2, 4, 5),
    ),
    "conv without bias": (Conv(filters=2, kernel=3, bias=False), (2, 5, 5)),
    "conv with holes": (Conv(filters=3, kernel=3, dilation=2), (2, 7, 6)),
    "conv with holes, same": (
        Conv(filters=2, kernel=(3, 2), dilation=(1, 3), stride=(2, 1), padding="same"),
        (2, 5, 6),
    ),
    "conv in groups": (Conv(filters=6, kernel=3, groups=2, padding=1), (4, 5, 4)),
    "conv in groups with holes and strides": (
        Conv(filters=3, kernel=2, groups=3, dilation=2, stride=2, padding=(1, 0, 2, 1)),
        (6, 6, 5),
    ),
    "conv by depth": (Conv(filters=4, kernel=3, groups=4, padding="same", bias=False), (4, 5, 4)),
    "conv by depth, twice as deep": (Conv(filters=6, kernel=(2, 3), groups=3), (3, 4, 4)),
    "conv of signals": (Conv(filters=3, kernel=(3,), padding=1), (2, 1, 7)),
    "conv of signals in groups with holes and strides": (
        Conv(filters=4, kernel=(2,), stride=2, dilation=(3,), groups=2, padding="same"),
        (4, 1, 8),
    ),
    "dense": (Dense(units=4), (7,)),
    "dense with one unit": (Dense(units=1), (3,)),
    "dense without bias": (Dense(units=3, bias=False), (5,)),
    "relu on images": (ReLU(), (2, 4, 3)),
    "relu on vectors": (ReLU(derivative_at_zero=0.5), (6,)),
    "relu with derivative 0 at 0": (ReLU(derivative_at_zero=0), (6,)),
    "relu with a joint": (ReLU(radius=1), (2, 4, 3)),
    "leaky_relu": (LeakyReLU(), (2, 4, 3)),
    "leaky_relu with a slope, on vectors": (LeakyReLU(slope=0.3, derivative_at_zero=0), (6,)),
    "elu": (ELU(), (2, 4, 3)),
    "elu with a kink, on vectors": (ELU(alpha=0.7), (6,)),
    "gelu": (GELU(), (2, 4, 3)),
    "gelu on vectors": (GELU(), (6,)),
    "silu": (SiLU(), (2, 4, 3)),
    "silu on vectors": (SiLU(), (6,)),
    "tanh": (Tanh(), (2, 4, 3)),
    "tanh on vectors": (Tanh(), (6,)),
    "sigmoid": (Sigmoid(), (2, 4, 3)),
    "sigmoid on vectors": (Sigmoid(), (6,)),
    "max_pool": (MaxPool(window=2), (2, 6, 4)),
    "max_pool first": (MaxPool(window=2, ties="first"), (2, 6, 4)),
    "max_pool split": (MaxPool(window=2, ties="split"), (2, 6, 4)),
    "max_pool overlapping": (MaxPool(window=3, stride=2), (2, 7, 7)),
    "max_pool overlapping split": (MaxPool(window=3, stride=1, ties="split"), (1, 5, 4)),
    "max_pool that leaves out rows and columns": (MaxPool(window=2), (1, 7, 5)),
    "max_pool with gaps": (MaxPool(window=2, stride=3, ties="first"), (1, 8, 8)),
    "max_pool with a rectangular window": (MaxPool(window=(1, 3), stride=(2, 2)), (2, 4, 7)),
    "max_pool padded": (MaxPool(window=3, stride=2, padding=1), (2, 6, 5)),
    "max_pool same": (MaxPool(window=2, padding="same", ties="first"), (2, 5, 3)),
    "max_pool with a last window over the edge": (MaxPool(window=2, ceil=True), (2, 5, 6)),
    "max_pool split, padded unevenly, over the edge": (
        MaxPool(window=(3, 2), stride=(3, 1), padding=(2, 0, 0, 1), ceil=True, ties="split"),
        (1, 6, 4),
    ),
    "max_pool over all": (MaxPool(window="all"), (3, 4, 2)),
    "avg_pool": (AvgPool(window=2), (2, 6, 4)),
    "avg_pool overlapping": (AvgPool(window=3, stride=2), (2, 7, 7)),
    "avg_pool that leaves out rows and columns": (AvgPool(window=(2, 3)), (1, 7, 5)),
    "avg_pool with gaps": (AvgPool(window=2, stride=3), (1, 8, 8)),
    "avg_pool padded": (AvgPool(window=3, stride=2, padding=1), (2, 6, 5)),
    "avg_pool same": (AvgPool(window=4, stride=1, padding="same"), (1, 3, 6)),
    "avg_pool with a last window over the edge": (AvgPool(window=3, ceil=True), (2, 7, 5)),
    "avg_pool larger than the image, over the edge": (AvgPool(window=3, ceil=True), (2, 2, 1)),
    "max_pool of signals": (MaxPool(window=(2,)), (2, 1, 7)),
    "avg_pool of signals": (AvgPool(window=(3,), stride=2, padding=1, ceil=True), (2, 1, 8)),
    "avg_pool over all": (AvgPool(window="all"), (3, 4, 2)),
    "smooth pool padded, over the edge": (
        MaxPool(window=3, stride=2, smooth=2, padding=(1, 0, 0, 0), ceil=True),
        (2, 7, 5),
    ),
    "smooth pool over all": (MaxPool(window="all", smooth=2), (2, 3, 4)),
    "smooth pool": (MaxPool(window=2, smooth=10), (2, 6, 4)),
    "smooth pool overlapping": (MaxPool(window=3, stride=2, smooth=0.5), (2, 7, 7)),
    "smooth pool that leaves out rows and columns": (MaxPool(window=(2, 3), smooth=2), (1, 7, 5)),
    "dropout": (Dropout(rate=0.4), (2, 4, 3)),
    "dropout on vectors": (Dropout(rate=0.5), (19,)),
    "dropout of nothing": (Dropout(rate=0), (5,)),
    "group_norm": (GroupNorm(groups=2), (4, 3, 2)),
    "group_norm of the whole": (GroupNorm(groups=1, epsilon=0.1), (3, 2, 4)),
    "group_norm of each channel": (GroupNorm(groups=3), (3, 2, 3)),
    "group_norm on vectors": (GroupNorm(groups=2), (8,)),
    "flatten": (Flatten(), (2, 3, 4)),
    "flatten of a vector": (Flatten(), (5,)),
    "softmax": (Softmax(), (5,)),
}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize(("layer", "shape"), CASES.values(), ids=CASES.keys())
def test_contract(layer, shape, contract):
    contract(layer, shape, SLOW[layer.word()])


def test_every_layer_has_cases_and_a_reference():
    assert {layer.word() for layer, _ in CASES.values()} == set(LAYERS.kinds) == set(SLOW)
