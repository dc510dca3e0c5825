"""The layers, one a file."""

from cnntrain.nn.layers.conv import Conv
from cnntrain.nn.layers.dense import Dense
from cnntrain.nn.layers.flatten import Flatten
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layers.max_pool import MaxPool
from cnntrain.nn.layers.relu import ReLU
from cnntrain.nn.layers.softmax import Softmax
from cnntrain.settings import Family

LAYERS: Family[Layer] = Family(Conv, ReLU, MaxPool, Flatten, Dense, Softmax)

__all__ = ["LAYERS", "Conv", "Dense", "Flatten", "Layer", "MaxPool", "ReLU", "Softmax"]
