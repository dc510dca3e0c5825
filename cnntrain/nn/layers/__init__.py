"""The layers, one a file."""

from cnntrain.nn.layers.avg_pool import AvgPool
from cnntrain.nn.layers.batch_norm import BatchNorm
from cnntrain.nn.layers.block import Block
from cnntrain.nn.layers.conv import Conv
from cnntrain.nn.layers.dense import Dense
from cnntrain.nn.layers.dropout import Dropout
from cnntrain.nn.layers.elu import ELU
from cnntrain.nn.layers.entry import LAYERS, Entry
from cnntrain.nn.layers.flatten import Flatten
from cnntrain.nn.layers.gelu import GELU
from cnntrain.nn.layers.group_norm import GroupNorm
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layers.leaky_relu import LeakyReLU
from cnntrain.nn.layers.max_pool import MaxPool
from cnntrain.nn.layers.relu import ReLU
from cnntrain.nn.layers.repeat import Repeat
from cnntrain.nn.layers.residual import Residual
from cnntrain.nn.layers.sigmoid import Sigmoid
from cnntrain.nn.layers.silu import SiLU
from cnntrain.nn.layers.softmax import Softmax
from cnntrain.nn.layers.tanh import Tanh

for _kind in (
    *(Conv, ReLU, LeakyReLU, ELU, GELU, SiLU, Tanh, Sigmoid),
    *(MaxPool, AvgPool, Flatten, Dense, BatchNorm, GroupNorm, Dropout, Softmax),
    *(Residual, Repeat),
):
    LAYERS.add(_kind)

__all__ = [
    "ELU",
    "GELU",
    "LAYERS",
    "AvgPool",
    "BatchNorm",
    "Block",
    "Conv",
    "Dense",
    "Dropout",
    "Entry",
    "Flatten",
    "GroupNorm",
    "Layer",
    "LeakyReLU",
    "MaxPool",
    "ReLU",
    "Repeat",
    "Residual",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
