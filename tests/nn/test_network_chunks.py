"""How a batch is cut and who computes it changes nothing; random choices follow the key."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.execution.chunk_pass import ChunkPass, completed
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.samples import ArraySamples


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 10, 22, 23, 24, 1000])
def test_results_agree_for_any_chunk(chunk, tiny_network, tiny_data, random_parameters):
    whole, cut = tiny_network(chunk=23), tiny_network(chunk=chunk)
    w, (x, y) = random_parameters(whole), tiny_data(23)
    (loss, gradient), (other_loss, other) = (n.loss_and_gradient(w, x, y) for n in (whole, cut))
    assert other_loss == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(other, gradient, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(cut.predict(w, x), whole.predict(w, x), rtol=1e-13)


def obvious_sum(addends):
    """Neighbours in pairs, then the pairs in pairs."""
    while len(addends) > 1:
        pairs = [addends[i : i + 2] for i in range(0, len(addends), 2)]
        addends = [pair[0] if len(pair) == 1 else pair[0] + pair[1] for pair in pairs]
    return addends[0]


def alone(network, w, samples, v, number):
    """The loss of one sample, and its parts of the gradient and of the product with v."""
    x, y = samples.chunk(number, number + 1, w.dtype)
    context = ChunkContext(Workspace(), True, (0, 0, 0, number))
    chunk = ChunkPass(network.stages, network.parameters.views(w), context)
    z, its = completed(chunk.forward(x)), network.engine.loss(network.loss)
    loss = float(its.values(z, y).sum(dtype=np.float64))
    dz = its.gradient(z, y)
    curved = its.hessian_product(z, y, chunk.jvp(x, network.parameters.views(v)))
    parts = []
    for derivative in (dz, curved):
        parts.append(np.empty_like(w))
        completed(chunk.forward(x))
        into = network.parameters.views(parts[-1])
        completed(chunk.backward(derivative * (1 / len(samples)), into, 0))
    return loss, *parts


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [1, 3, 7, 12, 23])
def test_chunks_are_added_over_a_tree(count, workers, tiny_network, tiny_data, random_parameters):
    """Losses, gradients and Gauss-Newton products of chunks of one sample, to the bit."""
    network = tiny_network(chunk=1, workers=workers, dtype=np.float32)
    w, samples = random_parameters(network), ArraySamples(*tiny_data(count))
    v = np.random.default_rng(1).normal(size=w.size).astype(np.float32)
    parts = [alone(network, w, samples, v, number) for number in range(count)]
    loss, gradient, product = (obvious_sum(list(part)) for part in zip(*parts, strict=True))
    totals, found, _ = network.totals_and_gradient(w, samples, (0, 0, 0))
    assert totals.loss == network.measure(w, samples)[0].loss == loss
    np.testing.assert_array_equal(found, gradient)
    np.testing.assert_array_equal(network.gauss_newton(w, samples, (0, 0, 0), v), product)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("chunk", [5, None])
@pytest.mark.parametrize("workers", [2, 3, 4])
def test_results_are_bit_identical_for_any_number_of_workers(
    workers, chunk, dtype, lenet_layers, make_network, random_parameters
):
    one, many = (
        make_network(lenet_layers, (28, 28, 1), 10, dtype=dtype, workers=n, chunk=chunk)
        for n in (1, workers)
    )
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 28, 28, 1)).round(1), rng.integers(0, 10, size=64)
    w = random_parameters(one)
    for step in range(3):
        loss, gradient = one.loss_and_gradient(w, x, y, rng_key=(0, 0, step))
        other_loss, other = many.loss_and_gradient(w, x, y, rng_key=(0, 0, step))
        assert other_loss == loss
        np.testing.assert_array_equal(other, gradient)
    np.testing.assert_array_equal(many.predict(w, x), one.predict(w, x))
    assert many.measure(w, ArraySamples(x, y))[0] == one.measure(w, ArraySamples(x, y))[0]


def test_batches_of_changing_size_leave_nothing_behind(tiny_network, tiny_data, random_parameters):
    used = tiny_network(chunk=8)
    w = random_parameters(used)
    for count in (20, 3, 33, 1):
        x, y = tiny_data(count, seed=count)
        loss, gradient = used.loss_and_gradient(w, x, y)
        fresh_loss, fresh = tiny_network(chunk=8).loss_and_gradient(w, x, y)
        assert loss == fresh_loss
        np.testing.assert_array_equal(gradient, fresh)


def test_the_key_changes_nothing_where_there_are_no_ties(
    tiny_network, tiny_data, random_parameters
):
    network, (x, y) = tiny_network(), tiny_data(20)
    network.named_parameters(w := random_parameters(network))["conv1/bias"][...] = 9  # no zeros
    first = network.loss_and_gradient(w, x, y, rng_key=(0, 0, 0))
    for key in [(1, 0, 0), (0, 1, 0), (0, 0, 1)]:
        other = network.loss_and_gradient(w, x, y, rng_key=key)
        assert other[0] == first[0]
        np.testing.assert_array_equal(other[1], first[1])


@pytest.mark.parametrize("place", ["seed", "epoch", "step"])
def test_every_part_of_the_key_decides_ties(place, make_network):
    """A convolution of two taps under tied pools: its gradient tells which tie was taken."""
    layers = [
        Conv(filters=1, kernel=(1, 1)),
        MaxPool(window=2),
        Flatten(),
        Dense(units=2),
        Softmax(),
    ]
    network = make_network(layers, (2, 2, 4), 2, chunk=1)
    w = network.initial_parameters(0)
    network.named_parameters(w)["conv1/weight"][...] = 0  # every output is 0: all tied
    x = np.arange(16.0).reshape(1, 2, 2, 4) ** 2
    y = np.array([0])
    gradients = set()
    for i in range(20):
        key = tuple(i if place == part else 0 for part in ("seed", "epoch", "step"))
        gradient = network.loss_and_gradient(w, x, y, rng_key=key)[1]
        gradients.add(tuple(gradient[:4].round(9)))
    assert len(gradients) == 4


def test_every_layer_draws_by_seed_epoch_step_and_layer(make_network, random_parameters):
    seen = []

    class Listening(Dense):
        def forward(self, x, w, context):
            seen.append(("forward", *context.rng_key))
            return super().forward(x, w, context)

        def backward(self, dy, cache, w, dw, context, need_dx=True):
            seen.append(("backward", *context.rng_key))
            return super().backward(dy, cache, w, dw, context, need_dx)

    network = make_network(
        [Listening(units=4), ReLU(), Listening(units=2)], (3,), 2, "quadratic", chunk=2
    )
    w, x, y = random_parameters(network), np.ones((3, 3)), np.ones((3, 2))
    network.loss_and_gradient(w, x, y, rng_key=(5, 6, 7))
    assert seen == [
        (direction, 5, 6, 7, layer)
        for _ in range(2)
        for direction, layer in [("forward", 0), ("forward", 2), ("backward", 2), ("backward", 0)]
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_regressions_agree_for_any_chunk(workers, make_network, random_parameters):
    """Without a soft-max the outputs leave the last layer in scratch memory."""
    layers = [Dense(units=4), ReLU(), Dense(units=2)]
    whole = make_network(layers, (3,), 2, "quadratic", chunk=20)
    cut = make_network(layers, (3,), 2, "quadratic", chunk=3, workers=workers)
    rng = np.random.default_rng(0)
    w, x, y = random_parameters(whole), rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    np.testing.assert_allclose(cut.predict(w, x), whole.predict(w, x), rtol=1e-12)
    total, outputs = cut.measure(w, ArraySamples(x, y))
    np.testing.assert_allclose(outputs, whole.predict(w, x), rtol=1e-12)
    loss, gradient = whole.loss_and_gradient(w, x, y)
    assert total.risk == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(cut.loss_and_gradient(w, x, y)[1], gradient, rtol=1e-11)
