"""Every layer held to the same contracts; a new layer adds rows to CASES and one slow reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from layer_contracts import CONTRACTS

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
from cnntrain.nn.shapes import pair
from cnntrain.randomness import words_at

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

# The slow references: one sample, loops over every index -------------------------------------


def slow_conv(layer, x, w, i):
    (sh, sw), (dh, dw), kernel = pair(layer.stride), pair(layer.dilation), pair(layer.kernel)
    height, width = slow_span(layer)
    top, bottom, left, right = slow_padding(layer, x.shape)
    padded = np.zeros((x.shape[0], x.shape[1] + top + bottom, x.shape[2] + left + right))
    padded[:, top : top + x.shape[1], left : left + x.shape[2]] = x
    rows = [i for i in range(0, padded.shape[1], sh) if i + height <= padded.shape[1]]
    columns = [j for j in range(0, padded.shape[2], sw) if j + width <= padded.shape[2]]
    y = np.zeros((layer.filters, len(rows), len(columns)))
    for f, r, s in np.ndindex(*y.shape):
        y[f, r, s] = w["bias"][f] if layer.bias else 0
        group = np.array_split(padded, layer.groups)[f // (layer.filters // layer.groups)]
        for c, u, v in np.ndindex(len(group), *kernel):
            entry = group[c, rows[r] + u * dh, columns[s] + v * dw]
            y[f, r, s] += w["weight"][f, c, u, v] * entry
    return y


def slow_span(layer):
    """Height and width of a window from its first to its last pixel."""
    if layer.word() != "conv":
        return pair(layer.window)
    return tuple(
        (size - 1) * gap + 1
        for size, gap in zip(pair(layer.kernel), pair(layer.dilation), strict=True)
    )


def slow_padding(layer, shape):
    if layer.padding == "valid":
        return 0, 0, 0, 0
    if layer.padding == "same":
        sides = []
        for size, kernel, stride in zip(
            shape[1:], slow_span(layer), pair(layer.stride), strict=True
        ):
            needed = max((int(np.ceil(size / stride)) - 1) * stride + kernel - size, 0)
            sides += [needed // 2, needed - needed // 2]
        return tuple(sides)
    return (layer.padding,) * 4 if isinstance(layer.padding, int) else layer.padding


def slow_dense(layer, x, w, i):
    bias = w["bias"] if layer.bias else np.zeros(layer.units)
    return np.array(
        [sum(w["weight"][i, j] * x[j] for j in range(len(x))) + bias[i] for i in range(layer.units)]
    )


def slow_pool(layer, x, function):
    """`function` of the entries in each window that lie in the image."""
    size = x.shape[1:]
    window = size if layer.window == "all" else pair(layer.window)
    top, bottom, left, right = slow_padding(layer, x.shape)
    rows, columns = (
        slow_spans(layer, *sides)
        for sides in zip(
            size, window, pair(layer.stride), (top, left), (bottom, right), strict=True
        )
    )
    return np.array(
        [[[function(channel[i, j].ravel()) for j in columns] for i in rows] for channel in x]
    )


def slow_spans(layer, size, window, stride, before, after):
    """The rows, or columns, of the image in each row of windows."""
    spans, start = [], -before
    while start < size and (layer.ceil or start + window <= size + after):
        spans.append(slice(max(start, 0), min(start + window, size)))
        if start + window >= size + after:
            break  # nothing is left out
        start += stride
    return spans


def slow_max_pool(layer, x, w, i):
    def largest(entries):
        if layer.smooth == "none":
            return entries.max()
        return np.log(sum(np.exp(layer.smooth * a) for a in entries)) / layer.smooth

    return slow_pool(layer, x, largest)


def slow_avg_pool(layer, x, w, i):
    return slow_pool(layer, x, lambda entries: sum(entries) / len(entries))


def entry_by_entry(h):
    """The slow reference of a point function: h(layer, a) for every entry a."""

    def slow(layer, x, w, i):
        return np.array([h(layer, float(a)) for a in x.ravel()]).reshape(x.shape)

    return slow


def slow_relu(layer, a):
    joint = layer.radius > 0 and abs(a) <= layer.radius
    return (a + layer.radius) ** 2 / (4 * layer.radius) if joint else max(0.0, a)


def slow_group_norm(layer, x, w, i):
    y = np.empty_like(x)
    for channels in np.split(np.arange(len(x)), layer.groups):
        entries = x[channels].ravel()
        mean = sum(entries) / len(entries)
        variance = sum((entry - mean) ** 2 for entry in entries) / len(entries)
        for c in channels:
            normal = (x[c] - mean) / math.sqrt(variance + layer.epsilon)
            y[c] = w["weight"][c] * normal + w["bias"][c]
    return y


def slow_dropout(layer, x, w, i):
    """Entry k of sample i has the half word k of those from 8 i ceil(x.size / 8) on."""
    words = words_at(0, 100, "dropout", 0, 0, 0, 0)
    halves = [int(word) >> shift & 0xFFFFFFFF for word in words for shift in (0, 32)]
    first = 8 * i * math.ceil(x.size / 8)
    kept = [half >= round(layer.rate * 2**32) for half in halves[first : first + x.size]]
    y = [a / (1 - layer.rate) if keep else 0 for a, keep in zip(x.ravel(), kept, strict=True)]
    return np.array(y).reshape(x.shape)


def slow_flatten(layer, x, w, i):
    return np.array([x[index] for index in np.ndindex(*x.shape)])


def slow_softmax(layer, x, w, i):
    return np.array([np.exp(z) / sum(np.exp(other) for other in x) for z in x])


SLOW = {
    "conv": slow_conv,
    "dense": slow_dense,
    "max_pool": slow_max_pool,
    "avg_pool": slow_avg_pool,
    "relu": entry_by_entry(slow_relu),
    "leaky_relu": entry_by_entry(lambda layer, a: a if a > 0 else layer.slope * a),
    "elu": entry_by_entry(lambda layer, a: a if a > 0 else layer.alpha * (math.exp(a) - 1)),
    "gelu": entry_by_entry(lambda layer, a: a * (1 + math.erf(a / math.sqrt(2))) / 2),
    "silu": entry_by_entry(lambda layer, a: a / (1 + math.exp(-a))),
    "tanh": entry_by_entry(lambda layer, a: math.tanh(a)),
    "sigmoid": entry_by_entry(lambda layer, a: 1 / (1 + math.exp(-a))),
    "flatten": slow_flatten,
    "softmax": slow_softmax,
    "dropout": slow_dropout,
    "group_norm": slow_group_norm,
}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize(("layer", "shape"), CASES.values(), ids=CASES.keys())
def test_contract(layer, shape, contract):
    contract(layer, shape, SLOW[layer.word()])


def test_every_layer_has_cases_and_a_reference():
    assert {layer.word() for layer, _ in CASES.values()} == set(LAYERS.kinds) == set(SLOW)
