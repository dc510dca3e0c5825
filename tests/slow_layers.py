"""What each layer computes, for one sample, by loops over every index: slow and obvious."""

from __future__ import annotations

import math

import numpy as np

from cnntrain.nn.shapes import pair
from cnntrain.randomness import words_at


def slow_conv(layer, x, w, i):
    (sh, sw), (dh, dw), kernel = pair(layer.stride), pair(layer.dilation), pair(layer.kernel)
    weight = w["weight"].reshape(*w["weight"].shape[:2], *kernel)
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
            y[f, r, s] += weight[f, c, u, v] * entry
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
    size = layer.kernel if layer.word() == "conv" else layer.window
    if isinstance(layer.padding, int) and isinstance(size, tuple) and len(size) == 1:
        return 0, 0, layer.padding, layer.padding
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


def slow_batch_norm(layer, x, w, i):
    """x is the whole batch; sample i has the statistics of its group."""
    n = x.shape[-1]
    size = n if layer.group == "batch" else layer.group
    group = [k for k in range(n) if k // size == i // size]
    y = np.empty_like(x[..., i])
    for c in range(len(x)):
        entries = x[c][..., group].ravel()
        mean = sum(entries) / len(entries)
        variance = sum((entry - mean) ** 2 for entry in entries) / len(entries)
        normal = (x[c][..., i] - mean) / math.sqrt(variance + layer.epsilon)
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
    "batch_norm": slow_batch_norm,
    "group_norm": slow_group_norm,
}
