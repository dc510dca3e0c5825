"""What each layer is in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from cnntrain.exports.onnx.graph import Graph
from cnntrain.exports.program import Step
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
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.windows import Windows


def _conv(graph: Graph, step: Step, layer: Any, x: str) -> str:
    windows = layer.windows(step.before)
    weight = step.arrays["weight"]
    kernels = weight.reshape(*weight.shape[:2], *windows.kernel)  # of signals, too
    arrays = [graph.constant("weight", kernels)]
    if "bias" in step.arrays:
        arrays.append(graph.constant("bias", step.arrays["bias"]))
    return graph.add(
        "Conv", x, *arrays, **_windows(windows), dilations=windows.dilation, group=layer.groups
    )


def _dense(graph: Graph, step: Step, layer: Any, x: str) -> str:
    arrays = [graph.constant(name, values) for name, values in step.arrays.items()]
    return graph.add("Gemm", x, *arrays, transB=1)


def _batch_norm(graph: Graph, step: Step, layer: Any, x: str) -> str:
    names = ("weight", "bias", "running_mean", "running_var")
    arrays = [graph.constant(name, step.arrays[name]) for name in names]
    return graph.add("BatchNormalization", x, *arrays, epsilon=layer.epsilon)


def _group_norm(graph: Graph, step: Step, layer: Any, x: str) -> str:
    """Each group as a channel of its own, normalised; then a scale for each channel."""
    channels, *size = step.before
    groups = graph.add("Reshape", x, graph.whole("groups", 0, layer.groups, -1))
    one, zero = (
        graph.constant(name, values(layer.groups))
        for name, values in (("one", np.ones), ("zero", np.zeros))
    )
    normal = graph.add("InstanceNormalization", groups, one, zero, epsilon=layer.epsilon)
    back = graph.add("Reshape", normal, graph.whole("shape", 0, *step.before))
    by_channel = (channels, *(1 for _ in size))
    weight, bias = (
        graph.constant(name, step.arrays[name].reshape(by_channel)) for name in ("weight", "bias")
    )
    return graph.add("Add", graph.add("Mul", back, weight), bias)


def _max_pool(graph: Graph, step: Step, layer: Any, x: str) -> str:
    if layer.smooth != "none":
        return _smooth_max_pool(graph, layer.windows(step.before), layer.smooth, x)
    if layer.window == "all":
        return graph.add("GlobalMaxPool", x)
    return graph.add("MaxPool", x, **_windows(layer.windows(step.before)))


def _smooth_max_pool(graph: Graph, windows: Windows, beta: float, x: str) -> str:
    """m + log(sum of exp(beta (x - m))) / beta over each window, m being its maximum; the entries
    of all windows at one place of the window are one slice of x."""
    largest = graph.add("MaxPool", x, **_windows(windows))
    top, bottom, left, right = windows.padding
    edges = graph.whole("edges", 0, 0, top, left, 0, 0, bottom, right)
    padded = graph.add("Pad", x, edges, graph.constant("outside", -np.inf))
    (height, width), (down, along) = windows.output, windows.stride
    axes, steps = graph.whole("axes", 2, 3), graph.whole("steps", down, along)
    sharpness, terms = graph.constant("beta", beta), []
    for u, v in product(*map(range, windows.kernel)):
        start = graph.whole("start", u, v)
        stop = graph.whole("stop", u + (height - 1) * down + 1, v + (width - 1) * along + 1)
        entries = graph.add("Slice", padded, start, stop, axes, steps)
        above = graph.add("Mul", graph.add("Sub", entries, largest), sharpness)
        terms.append(graph.add("Exp", above))
    rest = graph.add("Div", graph.add("Log", graph.add("Sum", *terms)), sharpness)
    return graph.add("Add", largest, rest)


def _avg_pool(graph: Graph, step: Step, layer: Any, x: str) -> str:
    if layer.window == "all":
        return graph.add("GlobalAveragePool", x)
    return graph.add("AveragePool", x, **_windows(layer.windows(step.before)))


def _windows(windows: Windows) -> dict[str, Any]:
    """Where they lie, as attributes."""
    top, bottom, left, right = windows.padding
    return {
        "kernel_shape": windows.kernel,
        "strides": windows.stride,
        "pads": (top, left, bottom, right),
    }


def _relu(graph: Graph, step: Step, layer: Any, x: str) -> str:
    """With a radius: max(0, x), its cusp rounded out by (x + r)^2 / (4 r) within r of 0."""
    relu = graph.add("Relu", x)
    if not layer.radius:
        return relu
    radius, four = graph.constant("radius", layer.radius), graph.constant("4r", 4 * layer.radius)
    near = graph.add("LessOrEqual", graph.add("Abs", x), radius)
    along = graph.add("Add", x, radius)
    return graph.add("Where", near, graph.add("Div", graph.add("Mul", along, along), four), relu)


def _gelu(graph: Graph, step: Step, layer: Any, x: str) -> str:
    """x (1 + erf(x / sqrt(2))) / 2: operator Gelu is younger than most runtimes."""
    erf = graph.add("Erf", graph.add("Div", x, graph.constant("root", math.sqrt(2))))
    doubled = graph.add("Mul", x, graph.add("Add", erf, graph.constant("one", 1)))
    return graph.add("Mul", doubled, graph.constant("half", 0.5))


def _flatten(graph: Graph, step: Step, layer: Any, x: str) -> str:
    return x if len(step.before) == 1 else graph.add("Flatten", x)


RULES: dict[type, Callable[[Graph, Step, Any, str], str]] = {
    Conv: _conv,
    Dense: _dense,
    BatchNorm: _batch_norm,
    GroupNorm: _group_norm,
    MaxPool: _max_pool,
    AvgPool: _avg_pool,
    ReLU: _relu,
    LeakyReLU: lambda graph, step, layer, x: graph.add("LeakyRelu", x, alpha=layer.slope),
    ELU: lambda graph, step, layer, x: graph.add("Elu", x, alpha=layer.alpha),
    GELU: _gelu,
    SiLU: lambda graph, step, layer, x: graph.add("Mul", x, graph.add("Sigmoid", x)),
    Tanh: lambda graph, step, layer, x: graph.add("Tanh", x),
    Sigmoid: lambda graph, step, layer, x: graph.add("Sigmoid", x),
    Flatten: _flatten,
    Dropout: lambda graph, step, layer, x: x,
    Softmax: lambda graph, step, layer, x: graph.add("Softmax", x, axis=1),
}
