"""The layers, one a file."""

from collections.abc import Callable
from typing import Literal

from cnntrain.nn.layers.base import Call, Layer, MisfitError, Shape
from cnntrain.nn.layers.conv import Conv
from cnntrain.nn.layers.dense import Dense
from cnntrain.nn.layers.flatten import Flatten
from cnntrain.nn.layers.max_pool import MaxPool
from cnntrain.nn.layers.pool import Pool
from cnntrain.nn.layers.relu import ReLU
from cnntrain.nn.layers.smooth_pool import SmoothPool
from cnntrain.nn.layers.softmax import Softmax


def max_pool(
    window: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    ties: str = "random",
    smooth: Literal["none"] | float = "none",
) -> Pool:
    """Max-pooling, or with a number for `smooth` its smooth form, in which nothing is tied."""
    if smooth == "none":
        return MaxPool(window, stride, ties)
    return SmoothPool(window, stride, smooth)


LAYERS: dict[str, Callable[..., Layer]] = {
    "conv": Conv,
    "relu": ReLU,
    "max_pool": max_pool,
    "flatten": Flatten,
    "dense": Dense,
    "softmax": Softmax,
}

__all__ = [
    "LAYERS",
    "Call",
    "Conv",
    "Dense",
    "Flatten",
    "Layer",
    "MaxPool",
    "MisfitError",
    "Pool",
    "ReLU",
    "Shape",
    "SmoothPool",
    "Softmax",
]
