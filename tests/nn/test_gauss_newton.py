"""The Gauss-Newton matrix: J^T H J written out, its symmetry, and what it does not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.execution.chunk_pass import ChunkPass, completed
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.note.jacobians import layer_function
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.objective import EvalCounts, NotFiniteError, Objective

KEY = (0, 0, 0)
HEAD = [Flatten(), Dense(units=3), Softmax()]
NETWORKS = {
    "conv, relu, pool": ([Conv(filters=2, kernel=3), ReLU(), MaxPool(window=2), *HEAD], (6, 6, 2)),
    "two convolutions": (
        [Conv(filters=2, kernel=3, padding=1), ReLU(), Conv(filters=2, kernel=2), ReLU(), *HEAD],
        (4, 3, 1),
    ),
    "pool first": ([MaxPool(window=2), Conv(filters=2, kernel=2), ReLU(), *HEAD], (6, 6, 1)),
    "rounded cusps": (
        [Conv(filters=2, kernel=3), ReLU(radius=0.5), MaxPool(window=2, smooth=3), *HEAD],
        (6, 6, 1),
    ),
    "vectors": ([Dense(units=4), ReLU(), Dense(units=3), Softmax()], (5,)),
}
networks = pytest.mark.parametrize(
    ("layers", "input_shape"), NETWORKS.values(), ids=NETWORKS.keys()
)
losses = pytest.mark.parametrize("loss", ["cross_entropy", "quadratic"])


def data(input_shape, count=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, *input_shape)), rng.integers(0, 3, size=count)


def jacobian(network, w, x):
    """What enters the loss for one sample, and its Jacobian with respect to w: equations 2 and 3
    with every Jacobian in place of the gradient."""
    parts = [
        np.concatenate([np.zeros(0), *(a.ravel() for a in arrays.values())])
        for arrays in network.parameters.views(w)
    ]
    value = np.moveaxis(x, -1, 0).ravel() if x.ndim == 3 else x
    J = np.zeros((value.size, 0))
    for k, layer in enumerate(network.layers_before_loss):
        f = layer_function(layer, network.shapes[k])
        J = np.hstack([f.dx_dx(value, parts[k]) @ J, f.dx_dw(value, parts[k])])
        value = f.value(value, parts[k])
    return value, J


def explicit(network, w, x):
    """G = (1/N) sum of J^T H J."""
    G = np.zeros((w.size, w.size))
    for x_n in x:
        z, J = jacobian(network, w, x_n)
        p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        H = np.diag(p) - np.outer(p, p) if network.loss.of_logits else 2 * np.eye(z.size)
        G += J.T @ H @ J / len(x)
    return G


def matrix(network, w, x, y, key=KEY):
    samples = ArraySamples(x, y)
    return np.array([network.gauss_newton(w, samples, key, e) for e in np.eye(w.size)])


@losses
@networks
def test_the_matrix_is_the_mean_of_jacobian_hessian_jacobian(
    layers, input_shape, loss, make_network, random_parameters
):
    network = make_network(layers, input_shape, 3, loss, chunk=2)
    w, (x, y) = random_parameters(network), data(input_shape)
    exact = explicit(network, w, x)
    assert np.abs(exact).max() > 1e-3
    np.testing.assert_allclose(matrix(network, w, x, y), exact, rtol=1e-10, atol=1e-13)


@losses
@networks
def test_the_matrix_is_symmetric_and_positive_semi_definite(
    layers, input_shape, loss, make_network, random_parameters
):
    network = make_network(layers, input_shape, 3, loss)
    w, (x, y) = random_parameters(network), data(input_shape)
    G = matrix(network, w, x, y)
    np.testing.assert_allclose(G, G.T, rtol=1e-12, atol=1e-14)
    assert np.linalg.eigvalsh(G).min() > -1e-12 * np.abs(G).max()


def test_of_a_linear_network_it_is_the_hessian_of_the_risk(make_network, random_parameters):
    network = make_network([Dense(units=3), Softmax()], (4,), 3)
    w, (x, y), h = random_parameters(network), data((4,)), 1e-5
    hessian = np.array(
        [
            (network.loss_and_gradient(w + e, x, y)[1] - network.loss_and_gradient(w - e, x, y)[1])
            / (2 * h)
            for e in h * np.eye(w.size)
        ]
    )
    np.testing.assert_allclose(matrix(network, w, x, y), hessian, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("place", ["seed", "epoch", "step"])
def test_tied_pools_take_the_ties_of_the_key(place, make_network):
    """The Jacobian of the product is the one that the gradient of the same key takes."""
    layers = [
        Conv(filters=1, kernel=1, bias=False),
        MaxPool(window=2),
        Flatten(),
        Dense(units=1, bias=False),
    ]
    network = make_network(layers, (2, 2, 4), 1, "quadratic", chunk=1)
    w = np.zeros(network.parameters.count)
    network.named_parameters(w)["dense1/weight"][...] = 1  # outputs 0, all tied
    image, y = np.arange(16.0).reshape(2, 2, 4) ** 2, np.ones((20, 1))
    seen = set()
    for i in range(20):
        key = tuple(i if place == part else 0 for part in ("seed", "epoch", "step"))
        x = np.zeros((20, 2, 2, 4))
        x[0] = image  # the sample that counts
        _, gradient = network.loss_and_gradient(w, x, y, key)
        J = -10 * gradient  # of its output, as l = (output - 1)^2 and the output is 0
        np.testing.assert_allclose(matrix(network, w, x, y, key), np.outer(J, J) / 10)
        seen.add(tuple(J))
    assert len(seen) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("workers", [2, 3, 4])
def test_products_are_bit_identical_for_any_number_of_workers(
    workers, dtype, lenet_layers, make_network, random_parameters
):
    one, many = (
        make_network(lenet_layers, (28, 28, 1), 10, dtype=dtype, workers=n, chunk=5)
        for n in (1, workers)
    )
    rng = np.random.default_rng(0)
    samples = ArraySamples(rng.normal(size=(23, 28, 28, 1)).round(1), rng.integers(0, 10, size=23))
    w = random_parameters(one)
    v = rng.normal(size=w.size).astype(dtype)
    found = many.gauss_newton(w, samples, KEY, v)
    np.testing.assert_array_equal(found, one.gauss_newton(w, samples, KEY, v))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, many.gauss_newton(w, samples, KEY, v))  # left nothing


@pytest.mark.parametrize("chunk", [1, 3, 7, 100])
def test_products_agree_for_any_chunk(chunk, tiny_network, tiny_data, random_parameters):
    whole, cut = tiny_network(chunk=20), tiny_network(chunk=chunk)
    w, samples = random_parameters(whole), ArraySamples(*tiny_data(20))
    v = np.random.default_rng(1).normal(size=w.size)
    expected = whole.gauss_newton(w, samples, KEY, v)
    found = cut.gauss_newton(w, samples, KEY, v)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)


def test_arguments_are_left_as_they_were(tiny_network, tiny_data, random_parameters):
    network = tiny_network()
    w, (x, y) = random_parameters(network), tiny_data(9)
    v = np.random.default_rng(1).normal(size=w.size)
    before = [a.copy() for a in (w, v, x, y)]
    network.gauss_newton(w, ArraySamples(x, y), KEY, v)
    for found, expected in zip((w, v, x, y), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_pass_can_be_used_again_and_again(tiny_network, tiny_data, random_parameters):
    network = tiny_network()
    w, (x, y) = random_parameters(network), tiny_data(8)
    layers, rng = network.parameters.views(w), np.random.default_rng(1)
    inner = ArraySamples(x, y).chunk(0, 8, np.float64)[0]
    context = ChunkContext(Workspace(), True, (*KEY, 0))
    chunk = ChunkPass(network.stages, layers, context)
    for _ in range(3):
        completed(chunk.forward(inner))
        v, u, gradient = rng.normal(size=w.size), rng.normal(size=(3, 8)), np.empty(w.size)
        forwards = np.sum(u * chunk.jvp(inner, network.parameters.views(v)))
        completed(chunk.backward(u.copy(), network.parameters.views(gradient), 0))
        assert np.sum(gradient * v) == pytest.approx(forwards, rel=1e-12)


def test_the_objective_counts_products_by_samples(tiny_network, tiny_data, random_parameters):
    network = tiny_network()
    w, samples = random_parameters(network), ArraySamples(*tiny_data(9))
    objective = Objective(network, samples, KEY)
    for _ in range(2):
        product = objective.curvature(w, w)
    np.testing.assert_array_equal(product, network.gauss_newton(w, samples, KEY, w))
    assert objective.counts == EvalCounts(products=18)


def test_the_objective_refuses_a_product_that_is_not_finite(tiny_network, tiny_data):
    network = tiny_network()
    objective = Objective(network, ArraySamples(*tiny_data(9)), KEY)
    w = np.full(network.parameters.count, 1e200)
    with pytest.raises(NotFiniteError, match="curvature"), np.errstate(all="ignore"):
        objective.curvature(w, w)
