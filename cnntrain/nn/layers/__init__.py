"""The layers, one a file."""

from cnntrain.nn.layers.base import Call, Layer, MisfitError, Shape
from cnntrain.nn.layers.conv import Conv
from cnntrain.nn.layers.dense import Dense
from cnntrain.nn.layers.flatten import Flatten
from cnntrain.nn.layers.max_pool import MaxPool
from cnntrain.nn.layers.relu import ReLU
from cnntrain.nn.layers.softmax import Softmax

LAYERS: dict[str, type[Layer]] = {
    layer.type: layer for layer in (Conv, ReLU, MaxPool, Flatten, Dense, Softmax)
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
    "ReLU",
    "Shape",
    "Softmax",
]
