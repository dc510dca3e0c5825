"""Trained networks of all layers, to be exported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from layer_cases import CASES
from network_cases import NETWORKS

from cnntrain.config import load_config
from cnntrain.data import Standardizer
from cnntrain.models.model import Model
from cnntrain.nn.layers import Dense, Flatten, Softmax
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network

CONFIG = load_config(
    {
        "data": {"source": "digits"},
        "layers": ["flatten", {"type": "dense", "units": 10}, "softmax"],
        "loss": "cross_entropy",
        "batch_size": 32,
        "epochs": 1,
        "learning_rate": 0.1,
    }
)
KINDS = ("none", "per_channel", "per_pixel")


def network(layers, shape):
    """A network whose input has the inner `shape`, (C, H, W) or (d,)."""
    outer = (*shape[1:], shape[0]) if len(shape) == 3 else shape
    return Network(layers=layers, loss=CrossEntropy(), input_shape=outer, outputs=5)


def model(layers, shape, kind="per_channel", seed=0, **settings):
    """A Model with random parameters and buffers, which take raw inputs of `raw`."""
    net, generator = network(layers, shape), np.random.default_rng(seed)
    w = net.initial_parameters(seed)
    w += 0.05 * generator.standard_normal(w.shape).astype(w.dtype)
    buffers = net.initial_buffers()
    buffers += generator.uniform(0.1, 0.5, buffers.shape).astype(buffers.dtype)
    x = raw(net.input_shape, 50)
    return Model(
        path=Path("checkpoint.safetensors"),
        network=net,
        w=w,
        buffers=buffers,
        config=CONFIG,
        epoch=1,
        class_names=tuple("abcde"),
        standardizer=Standardizer.fit(kind, x, np.arange(len(x))),
        data_hash="0",
        split_hash="0",
        **settings,
    )


def far_from_zero(net):
    """`net` for inputs whose mean is large beside their deviations, and some of those."""
    x = raw(net.network.input_shape).astype(np.float32) / 256 + np.float32(1e4)
    return replace(net, standardizer=Standardizer.fit("per_channel", x, np.arange(len(x)))), x


def raw(shape, count=7, seed=0):
    """Bytes (count, *shape)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype(np.uint8)


def _ended(layer, shape):
    """A layer as a whole network of five classes."""
    after = layer.output_shape(shape)
    if isinstance(layer, Softmax):
        return [Dense(units=5), layer]
    return [layer, *([Flatten()] if len(after) == 3 else []), Dense(units=5), Softmax()]


LAYERS = {name: (_ended(layer, shape), shape) for name, (layer, shape) in CASES.items()}
MODELS = {**LAYERS, **NETWORKS}
