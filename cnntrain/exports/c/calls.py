"""What each layer is in C: the call of a function in functions/, and the constants it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.exports.c.quantized import quantized
from cnntrain.exports.c.words import number
from cnntrain.exports.program import Step
from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    GroupNorm,
    Layer,
    LeakyReLU,
    MaxPool,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.layers.joints import Sum
from cnntrain.nn.windows import Windows

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Call:
    """function(arguments, x, y), or of a sum function(arguments, a, x, y).

    arguments   as C has them; "@weight" is the constant `weight` of this layer
    constants   float32, or int8
    windows     where they lie: the constant "@windows"
    in_place    whether y may be x
    """

    function: str
    arguments: tuple[str, ...]
    constants: Mapping[str, Array] = field(default_factory=dict)
    windows: Windows | None = None
    in_place: bool = False


def call_of(step: Step, int8: bool) -> Call:
    """What `step` is in C.  With `int8` the weights of convolutions and dense layers are."""
    call = RULES[type(step.layer)](step.layer, step)
    if not int8 or type(step.layer) not in (Conv, Dense):
        return call
    weight, scales = quantized(call.constants["weight"])
    *before, _, bias = call.arguments
    return Call(
        f"{call.function}_int8",
        (*before, "@weight", "@scales", bias),
        {"weight": weight, "scales": scales, "bias": call.constants["bias"]},
        call.windows,
    )


def _conv(layer: Conv, step: Step) -> Call:
    counts = (layer.groups, step.before[0], layer.filters)
    return Call(
        "conv",
        ("&@windows", *map(str, counts), "@weight", "@bias"),
        _weight_and_bias(step),
        layer.windows(step.before),
    )


def _dense(layer: Dense, step: Step) -> Call:
    arguments = (str(step.before[0]), str(layer.units), "@weight", "@bias")
    return Call("dense", arguments, _weight_and_bias(step))


def _weight_and_bias(step: Step) -> dict[str, Array]:
    weight = step.arrays["weight"]
    return {
        "weight": weight,
        "bias": step.arrays.get("bias", np.zeros(len(weight), np.float32)),
    }


def _max_pool(layer: MaxPool, step: Step) -> Call:
    arguments: tuple[str, ...] = ("&@windows", str(step.before[0]))
    if layer.smooth == "none":
        return Call("max_pool", arguments, windows=layer.windows(step.before))
    arguments = (*arguments, number(layer.smooth))
    return Call("smooth_max_pool", arguments, windows=layer.windows(step.before))


def _avg_pool(layer: AvgPool, step: Step) -> Call:
    arguments = ("&@windows", str(step.before[0]))
    return Call("avg_pool", arguments, windows=layer.windows(step.before))


def _batch_norm(layer: BatchNorm, step: Step) -> Call:
    arrays = step.arrays
    deviation = np.sqrt(arrays["running_var"].astype(np.float64) + layer.epsilon)
    constants = {
        "mean": arrays["running_mean"],
        "scale": (arrays["weight"] / deviation).astype(np.float32),
        "bias": arrays["bias"],
    }
    arguments = (*_channels(step), "@mean", "@scale", "@bias")
    return Call("batch_norm", arguments, constants, in_place=True)


def _group_norm(layer: GroupNorm, step: Step) -> Call:
    arguments = (str(layer.groups), *_channels(step), number(layer.epsilon), "@weight", "@bias")
    constants = {name: step.arrays[name] for name in ("weight", "bias")}
    return Call("group_norm", arguments, constants, in_place=True)


def _channels(step: Step) -> tuple[str, str]:
    """How many there are, and how many entries each has."""
    channels, *size = step.before
    return str(channels), str(math.prod(size))


def _relu(layer: ReLU, step: Step) -> Call:
    if layer.radius:
        return _entries("smooth_relu", step, layer.radius)
    return _entries("relu", step)


def _entries(function: str, step: Step, *settings: float) -> Call:
    """A function of one number, for all entries."""
    arguments = (str(math.prod(step.before)), *map(number, settings))
    return Call(function, arguments, in_place=True)


# Of layers that compute something; flatten, branch and turn are in plan.py.
RULES: dict[type[Layer], Callable[[Any, Step], Call]] = {
    Conv: _conv,
    Dense: _dense,
    MaxPool: _max_pool,
    AvgPool: _avg_pool,
    BatchNorm: _batch_norm,
    GroupNorm: _group_norm,
    ReLU: _relu,
    LeakyReLU: lambda layer, step: _entries("leaky_relu", step, layer.slope),
    ELU: lambda layer, step: _entries("elu", step, layer.alpha),
    GELU: lambda layer, step: _entries("gelu", step),
    SiLU: lambda layer, step: _entries("silu", step),
    Tanh: lambda layer, step: _entries("hyperbolic_tangent", step),
    Sigmoid: lambda layer, step: _entries("sigmoid", step),
    Softmax: lambda layer, step: _entries("softmax", step),
    Sum: lambda layer, step: _entries("add", step),
}
