"""Networks of all kinds of layers, and batches for them: what engines are tried on."""

from __future__ import annotations

import numpy as np

from cnntrain.errors import UsageError
from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Repeat,
    Residual,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network

END = [Flatten(), Dense(units=5), Softmax()]


def conv(filters, kernel, **settings):
    return Conv(filters=filters, kernel=kernel, **settings)


IDENTITY = Residual(
    layers=[conv(16, 3, padding="same"), ReLU(), conv(16, 3, padding="same"), GroupNorm(groups=4)]
)
IDENTITY_OF_18 = Residual(layers=[BatchNorm(), ReLU(), conv(18, 3, padding="same")])

NETWORKS = {
    "dense": ([Dense(units=20), ReLU(), Dense(units=7), LeakyReLU(), *END[1:]], (13,)),
    "one conv": ([conv(6, 5, padding="same"), ReLU(), *END], (2, 9, 7)),
    "strides and holes": (
        [
            conv(5, 3, padding=(1, 0, 2, 1), stride=(2, 3)),
            ReLU(),
            conv(7, (2, 3), dilation=(1, 2), stride=2),
            LeakyReLU(slope=0.3),
            *END,
        ],
        (3, 13, 17),
    ),
    "groups": (
        [conv(4, 3), conv(8, 3, groups=4, bias=False), ReLU(derivative_at_zero=0), *END],
        (2, 9, 7),
    ),
    "lenet": (
        [
            *[conv(6, 5, padding="same"), ReLU(), MaxPool(window=2)],
            *[conv(16, 5), ReLU(), MaxPool(window=2), Flatten()],
            *[Dense(units=120), ReLU(), Dense(units=84), ReLU(), *END[1:]],
        ],
        (1, 28, 28),
    ),
    "pools": (
        [
            *[conv(4, 3), ReLU(), MaxPool(window=3, stride=2, padding="same")],
            *[conv(4, 3), MaxPool(window=(2, 3), stride=1, ties="first")],
            *[conv(4, 1), LeakyReLU(), MaxPool(window="all"), *END],
        ],
        (2, 15, 14),
    ),
    "ragged tiles": (
        [
            *[conv(16, 3), ReLU(), conv(20, 3, padding="same"), LeakyReLU()],
            *[conv(16, 3), ReLU(), MaxPool(window=2)],
            *[conv(17, 3, padding=1), MaxPool(window=3, stride=2, padding=1, ceil=True), *END],
        ],
        (3, 19, 18),
    ),
    "of all kinds": (
        [
            *[GroupNorm(groups=1), conv(16, 3), Tanh(), AvgPool(window=2)],
            *[conv(5, 3), ReLU(derivative_at_zero=0.5), MaxPool(window=2, ties="split")],
            *[Dropout(rate=0.3), Flatten(), Dense(units=9), ReLU(radius=0.1), *END[1:]],
        ],
        (3, 19, 18),
    ),
    "pools that cover everything": (
        [conv(4, 3), ReLU(), MaxPool(window=3), conv(3, 3), MaxPool(window=(1, 2)), *END],
        (2, 20, 20),
    ),
    "pools of their own": (
        [
            *[
                MaxPool(window=2, stride=1, ties="split"),
                conv(4, 3),
                MaxPool(window=(9, 15), stride=1),
            ],
            *[AvgPool(window=3, stride=2, padding="same"), conv(4, 3, padding=1), LeakyReLU()],
            *[AvgPool(window=2, stride=1), MaxPool(window=2, padding=1, smooth=3)],
            *[conv(5, 1), AvgPool(window="all"), Flatten(), Softmax()],
        ],
        (2, 19, 26),
    ),
    "functions of one number": (
        [
            *[conv(4, 3), Tanh(), AvgPool(window=2), ELU(alpha=0.7), conv(4, 3, padding=1)],
            *[GELU(), conv(3, 3), SiLU(), LeakyReLU(derivative_at_zero=0.5), Sigmoid(), Flatten()],
            *[Dense(units=9), ReLU(radius=0.3), Dense(units=5), Sigmoid(), *END[1:]],
        ],
        (2, 15, 14),
    ),
    "images as vectors": ([Flatten(), Dense(units=9), ReLU(), Flatten(), *END[1:]], (3, 4, 5)),
    "images as vectors that are no sums": ([Flatten(), Tanh(), Flatten(), *END[1:]], (3, 4, 5)),
    "normal": (
        [
            *[conv(6, 3), GroupNorm(groups=3), ReLU(), conv(4, 3, padding=1)],
            *[GroupNorm(groups=1), LeakyReLU(slope=0.5), MaxPool(window=2), Flatten()],
            *[Dense(units=6), GroupNorm(groups=2), Tanh(), *END[1:]],
        ],
        (2, 12, 9),
    ),
    "normal over the batch": (
        [
            *[BatchNorm(), conv(17, 3, bias=False), BatchNorm(), ReLU()],
            *[conv(6, 3, padding=1, bias=False), MaxPool(window=2)],
            *[BatchNorm(epsilon=0.1), LeakyReLU()],
            *[Flatten(), Dense(units=7, bias=False), BatchNorm(), Tanh(), *END[1:]],
        ],
        (2, 12, 9),
    ),
    "normal over groups": (
        [
            *[conv(4, 3, bias=False), BatchNorm(group=16), ReLU(), BatchNorm(group=32)],
            *[Flatten(), Dense(units=7, bias=False)],
            *[BatchNorm(group=16, momentum=0.5), ReLU(), *END[1:]],
        ],
        (2, 12, 9),
    ),
    "normal over the batch and small groups": (
        [
            *[conv(4, 3, bias=False), BatchNorm(group=4), ReLU(), BatchNorm()],
            *[AvgPool(window=2), conv(3, 3, bias=False), BatchNorm(), *END],
        ],
        (2, 12, 9),
    ),
    "the outputs of a pool": (
        [conv(1, 3), ReLU(), MaxPool(window=2, stride=(1, 2)), Flatten(), Softmax()],
        (2, 8, 5),
    ),
    "residual": (
        [
            *[conv(16, 3, padding="same"), Repeat(times=2, layers=[IDENTITY, ReLU()])],
            Residual(
                layers=[
                    *[conv(18, 3, stride=2, padding=1), LeakyReLU(), IDENTITY_OF_18],
                    *[Residual(layers=[Tanh()]), conv(18, 5, padding="same")],
                ],
                shortcut=[conv(18, 3, stride=2, padding=(1, 1, 1, 1)), ReLU(), MaxPool(window=1)],
            ),
            *[LeakyReLU(), AvgPool(window=2), *END],
        ],
        (3, 12, 11),
    ),
    "residual at both ends": (
        [
            Residual(layers=[ReLU(), conv(2, 1)]),
            Residual(
                layers=[Flatten(), Dense(units=6), Dropout(rate=0.3)],
                shortcut=[Flatten(), Dense(units=6), ReLU()],
            ),
            Dense(units=5),
            Residual(layers=[Residual(layers=[Dense(units=5)])]),
            Softmax(),
        ],
        (2, 5, 4),
    ),
    "signals": (
        [conv(4, (3,), padding=1), ReLU(), MaxPool(window=(2,)), *END],
        (2, 1, 21),
    ),
}


def network(name, engine, dtype="float64", **settings):
    layers, shape = NETWORKS[name]
    given = shape if len(shape) == 1 else (*shape[1:], shape[0])
    return Network(layers, CrossEntropy(), given, 5, np.dtype(dtype), engine, **settings)


def farthest(net, found, right):
    """By how much a gradient is wrong, as a share of the largest entry of each array; or of all,
    where those of an array are far smaller, such as 0 but for rounding."""
    largest = 0.0
    for entry in net.parameters:
        scale, whole = np.abs(entry.view(right)).max(), np.abs(right).max()
        scale = whole if scale < 1e-3 * whole else scale
        largest = max(largest, np.abs(entry.view(found) - entry.view(right)).max() / scale)
    return largest


def enough(net, n):
    """n samples, or one more where statistics would be taken of a single number."""
    try:
        net.check_statistics(n)
    except UsageError:
        return n + 1
    return n


def batch(net, n, seed=0):
    rng = np.random.default_rng(seed)
    w = net.initial_parameters(seed=1)
    w += 0.05 * rng.normal(size=w.size).astype(w.dtype)
    return w, rng.normal(size=(n, *net.input_shape)), rng.integers(0, 5, n)
