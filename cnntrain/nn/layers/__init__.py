"""The layers, one a file."""

from cnntrain.nn.layers.avg_pool import AvgPool
from cnntrain.nn.layers.batch_norm import BatchNorm
from cnntrain.nn.layers.conv import Conv
from cnntrain.nn.layers.dense import Dense
from cnntrain.nn.layers.dropout import Dropout
from cnntrain.nn.layers.elu import ELU
from cnntrain.nn.layers.flatten import Flatten
from cnntrain.nn.layers.gelu import GELU
from cnntrain.nn.layers.group_norm import GroupNorm
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layers.leaky_relu import LeakyReLU
from cnntrain.nn.layers.max_pool import MaxPool
from cnntrain.nn.layers.relu import ReLU
from cnntrain.nn.layers.sigmoid import Sigmoid
from cnntrain.nn.layers.silu import SiLU
from cnntrain.nn.layers.softmax import Softmax
from cnntrain.nn.layers.tanh import Tanh
from cnntrain.settings import Family

LAYERS: Family[Layer] = Family(
    *(Conv, ReLU, LeakyReLU, ELU, GELU, SiLU, Tanh, Sigmoid),
    *(MaxPool, AvgPool, Flatten, Dense, BatchNorm, GroupNorm, Dropout, Softmax),
)

__all__ = [
    "ELU",
    "GELU",
    "LAYERS",
    "AvgPool",
    "BatchNorm",
    "Conv",
    "Dense",
    "Dropout",
    "Flatten",
    "GroupNorm",
    "Layer",
    "LeakyReLU",
    "MaxPool",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
