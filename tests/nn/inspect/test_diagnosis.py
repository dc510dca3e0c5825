"""Which layer's output is the first that is not finite."""

import numpy as np
import pytest

from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.nn.layers import Conv, Dense, Flatten, ReLU, Softmax
from cnntrain.nn.samples import ArraySamples


@pytest.fixture
def network(make_network):
    layers = [
        Conv(filters=2, kernel=3),
        ReLU(),
        Flatten(),
        Dense(units=5),
        ReLU(),
        Dense(units=3),
        Softmax(),
    ]
    return make_network(layers, (6, 6, 1), 3, dtype=np.float32)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(10, 6, 6, 1)).astype(np.float32)


@pytest.mark.parametrize("block", [3, 64])
@pytest.mark.parametrize(
    ("array", "value", "layer"),
    [
        ("conv1/weight", np.inf, "layers.0 (conv1)"),
        ("dense1/weight", np.nan, "layers.3 (dense1)"),
        ("dense2/bias", np.inf, "layers.5 (dense2)"),
        ("dense2/bias", 1e38, None),
    ],
)
def test_the_layer_with_the_broken_parameter(network, x, array, value, layer, block):
    w = network.initial_parameters(0)
    network.named_parameters(w)[array].flat[-1] = value
    samples = ArraySamples(x, np.zeros(10, dtype=np.int64))
    assert first_not_finite(network, w, samples, block=block) == layer


def test_a_single_sample_is_found_and_the_earliest_layer_of_all_counts(network, x):
    w = network.initial_parameters(0)
    for name in ("dense1/weight", "dense2/weight"):
        network.named_parameters(w)[name][...] = 1e30
    samples = ArraySamples(x, np.zeros(10, dtype=np.int64))
    assert first_not_finite(network, w, samples, block=2) == "layers.5 (dense2)"
    x[7] = 3e38
    assert first_not_finite(network, w, samples, block=2) == "layers.0 (conv1)"
