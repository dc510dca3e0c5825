"""The fast network's gradient equals that of Algorithm 1 of the note."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pytest

from cnntrain.errors import UsageError
from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    Conv,
    Dense,
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
from cnntrain.nn.losses import CrossEntropy, Loss
from cnntrain.nn.network import Network
from cnntrain.nn.note.algorithm1 import backprop, jacobian_entries

HEAD = [Flatten(), Dense(units=3), Softmax()]

NETWORKS = {
    "conv, relu, pool": ([Conv(filters=2, kernel=3), ReLU(), MaxPool(window=2), *HEAD], (6, 6, 2)),
    "two convolutions": (
        [Conv(filters=2, kernel=3), ReLU(), Conv(filters=3, kernel=2), ReLU(), *HEAD],
        (6, 5, 1),
    ),
    "same padding": (
        [Conv(filters=2, kernel=3, padding="same"), ReLU(), MaxPool(window=2), *HEAD],
        (5, 4, 2),
    ),
    "strides": ([Conv(filters=3, kernel=(2, 3), stride=(2, 1)), ReLU(), *HEAD], (6, 5, 2)),
    "uneven padding": (
        [Conv(filters=2, kernel=3, stride=2, padding=(1, 0, 2, 1)), *HEAD],
        (5, 5, 2),
    ),
    "overlapping pools": (
        [Conv(filters=2, kernel=2), MaxPool(window=3, stride=1), ReLU(), *HEAD],
        (6, 6, 1),
    ),
    # A relu works in place; not on what pooling reads again.
    "relu of a pool": (
        [Conv(filters=2, kernel=2), MaxPool(window=2, ties="split"), ReLU(), *HEAD],
        (5, 5, 1),
    ),
    "relu of a flat pool": (
        [
            Conv(filters=2, kernel=2),
            MaxPool(window=2, ties="split"),
            Flatten(),
            ReLU(),
            Dense(units=3),
            Softmax(),
        ],
        (5, 5, 1),
    ),
    "pools that leave out rows": (
        [MaxPool(window=(2, 3)), Conv(filters=2, kernel=2), *HEAD],
        (7, 8, 1),
    ),
    "no biases": (
        [
            Conv(filters=2, kernel=3, bias=False),
            ReLU(),
            Flatten(),
            Dense(units=3, bias=False),
            Softmax(),
        ],
        (5, 5, 1),
    ),
    "vectors": ([Dense(units=5), ReLU(), Dense(units=3), Softmax()], (4,)),
    "rounded cusps": (
        [Conv(filters=2, kernel=3), ReLU(radius=0.5), MaxPool(window=2, stride=1, smooth=3), *HEAD],
        (5, 5, 2),
    ),
    "convolutions with holes and in groups": (
        [
            Conv(filters=4, kernel=3, dilation=(2, 1), padding=1),
            ReLU(),
            Conv(filters=6, kernel=2, groups=2, dilation=(1, 2)),
            Conv(filters=6, kernel=3, groups=6, padding="same"),
            *HEAD,
        ],
        (6, 6, 2),
    ),
    "normalised groups": (
        [
            Conv(filters=4, kernel=3, bias=False),
            GroupNorm(groups=2),
            ReLU(),
            Flatten(),
            Dense(units=6),
            GroupNorm(groups=1, epsilon=0.1),
            Tanh(),
            Dense(units=3),
            Softmax(),
        ],
        (5, 5, 1),
    ),
    "signals": (
        [
            Conv(filters=4, kernel=(3,), padding=1),
            ReLU(),
            MaxPool(window=(2,)),
            Conv(filters=2, kernel=(2,)),
            *HEAD,
        ],
        (1, 8, 2),
    ),
    "pools over the edges": (
        [
            Conv(filters=2, kernel=2),
            MaxPool(window=3, stride=2, padding=1),
            AvgPool(window=2, ceil=True),
            *HEAD,
        ],
        (6, 6, 1),
    ),
    "means": (
        [Conv(filters=2, kernel=2), AvgPool(window=3, stride=2, padding="same"), ReLU(), *HEAD],
        (6, 5, 1),
    ),
    "a mean over all": (
        [Conv(filters=4, kernel=3), ReLU(), AvgPool(window="all"), *HEAD],
        (6, 5, 2),
    ),
    "smooth activations": (
        [Conv(filters=2, kernel=3), GELU(), Conv(filters=3, kernel=2), SiLU(), *HEAD],
        (5, 5, 1),
    ),
    "bounded activations": (
        [Dense(units=5), Tanh(), Dense(units=4), Sigmoid(), Dense(units=3), Softmax()],
        (4,),
    ),
    "activations with slopes on the left": (
        [Conv(filters=2, kernel=3), LeakyReLU(slope=0.2), ELU(alpha=0.6), *HEAD],
        (5, 5, 1),
    ),
    "soft-max alone": ([Dense(units=3), Softmax()], (4,)),
}


def data(input_shape, outputs, count=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, *input_shape)), rng.integers(0, outputs, size=count)


@pytest.mark.parametrize("loss", ["cross_entropy", "quadratic"])
@pytest.mark.parametrize(("layers", "input_shape"), NETWORKS.values(), ids=NETWORKS.keys())
def test_the_gradient_is_that_of_algorithm_1(
    layers, input_shape, loss, make_network, random_parameters
):
    network = make_network(layers, input_shape, 3, loss)
    w = random_parameters(network)
    x, y = data(input_shape, 3)
    _, gradient = network.loss_and_gradient(w, x, y)
    assert np.any(gradient)
    np.testing.assert_allclose(
        gradient, backprop(list(zip(x, y, strict=True)), w, network), rtol=1e-10, atol=1e-13
    )


def test_smoothed_labels_have_the_gradient_of_algorithm_1(make_network, random_parameters):
    network = make_network([Dense(units=5), ReLU(), Dense(units=3), Softmax()], (4,), 3)
    network = dataclasses.replace(network, loss=CrossEntropy(label_smoothing=0.2))
    w, (x, y) = random_parameters(network), data((4,), 3)
    _, gradient = network.loss_and_gradient(w, x, y)
    exact = backprop(zip(x, y, strict=True), w, network)
    np.testing.assert_allclose(gradient, exact, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("layers", [[Dense(units=4), ReLU(), Dense(units=2)], [Dense(units=2)]])
def test_regression_has_the_gradient_of_algorithm_1(layers, make_network, random_parameters):
    network = make_network(layers, (3,), 2, "quadratic")
    w, rng = random_parameters(network), np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _, gradient = network.loss_and_gradient(w, x, y)
    np.testing.assert_allclose(
        gradient, backprop(zip(x, y, strict=True), w, network), rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize("at_zero", [0, 0.5, 1])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("ties", ["first", "split"])
def test_data_full_of_zeros_have_the_gradient_of_algorithm_1(ties, stride, at_zero, make_network):
    """Whole numbers and biases of 0 tie many pooling windows and put many ReLUs at 0."""
    rng = np.random.default_rng(0)
    layers = [
        Conv(filters=2, kernel=2),
        ReLU(derivative_at_zero=at_zero),
        MaxPool(window=2, stride=stride, ties=ties),
        Flatten(),
        Dense(units=3),
        Softmax(),
    ]
    network = make_network(layers, (6, 6, 1), 3)
    w = rng.integers(-1, 2, size=network.parameters.count).astype(float)
    network.named_parameters(w)["conv1/bias"][...] = 0
    x, y = rng.integers(0, 2, size=(4, 6, 6, 1)) * (rng.random((4, 6, 6, 1)) < 0.4), [0, 1, 2, 1]
    _, gradient = network.loss_and_gradient(w, x, np.array(y))
    exact = backprop(zip(x, y, strict=True), w, network)
    np.testing.assert_allclose(gradient, exact, rtol=1e-10, atol=1e-13)

    other = {"first": "split", "split": "first"}[ties]
    layers[2] = MaxPool(window=2, stride=stride, ties=other)
    differs = backprop(zip(x, y, strict=True), w, dataclasses.replace(network, layers=layers))
    assert not np.allclose(exact, differs), "the data hold no tie that matters"


def test_the_average_runs_over_all_samples(tiny_network, tiny_data, random_parameters):
    network = tiny_network()
    w, (x, y) = random_parameters(network), tiny_data(3)
    one_by_one = [backprop([pair], w, network) for pair in zip(x, y, strict=True)]
    together = backprop(zip(x, y, strict=True), w, network)
    np.testing.assert_allclose(together, np.mean(one_by_one, axis=0), rtol=1e-12, atol=1e-15)


def test_images_of_one_channel_may_lack_the_channel_axis(make_network, random_parameters):
    network = make_network([Conv(filters=2, kernel=3), *HEAD], (4, 4, 1), 3)
    w, (x, y) = random_parameters(network), data((4, 4), 3)
    _, gradient = network.loss_and_gradient(w, x, y)
    np.testing.assert_allclose(gradient, backprop(zip(x, y, strict=True), w, network), atol=1e-12)


def test_an_unknown_layer_is_refused(make_network):
    class Square(ReLU):
        type: Literal["square"] = "square"

    network = make_network([Dense(units=2), Square()], (3,), 2, "quadratic")
    with pytest.raises(UsageError) as caught:
        backprop([], np.zeros(8), network)
    message = str(caught.value)
    assert message.startswith(
        "Algorithm 1 has no layer 'square', only avg_pool, conv, dense, elu, "
    )
    assert message.endswith("softmax, tanh")


def test_an_unknown_loss_is_refused(make_network):
    class Unrelated(Loss):
        type: Literal["absolute"] = "absolute"

        def values(self, output, y): ...

        def gradient(self, output, y): ...

        def hessian_product(self, output, y, direction): ...

    network = make_network([Dense(units=2)], (3,), 2, "quadratic")
    pair = [(np.zeros(3), np.zeros(2))]
    with pytest.raises(UsageError) as caught:
        backprop(pair, np.zeros(8), dataclasses.replace(network, loss=Unrelated()))
    assert str(caught.value) == (
        "Algorithm 1 has no loss 'absolute', only cross_entropy and quadratic"
    )


def test_what_would_take_long_is_refused_by_its_size():
    layers = [Conv(filters=2, kernel=2), *HEAD]
    network = Network(layers, CrossEntropy(), (4, 4, 1), 3)
    w, x = network.initial_parameters(0), np.zeros((1, 4, 4, 1))
    entries = 18 * (16 + 10) + 18 * 18 + 3 * (18 + 57) + 3 * 3
    assert jacobian_entries(network) == entries
    with pytest.raises(UsageError) as caught:
        backprop(zip(x, [0], strict=True), w, network, limit=9)
    assert str(caught.value) == (
        f"layers.0 (conv1) has {18 * (16 + 10)} of {entries:,} entries of Jacobian matrices for "
        "each sample, expected at most 9 in all (reduce layers.conv1.kernel, or limit=None and "
        "time)"
    )
    limited = backprop(zip(x, [0], strict=True), w, network, limit=entries)
    assert np.array_equal(limited, backprop(zip(x, [0], strict=True), w, network, limit=None))
