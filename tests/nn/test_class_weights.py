"""Weights of classes in cross-entropy: PyTorch's numbers, means over batches, and where they come
from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnntrain.errors import UsageError
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.compiled.losses import in_c
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.layers import Dense, Softmax
from cnntrain.nn.losses import BatchTotals, CrossEntropy
from cnntrain.nn.losses.class_weights import ClassWeightsError, for_classes
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples

WEIGHTS = (0.5, 2.0, 0.0, 1.25, 3.0, 0.1, 1.0)
smoothings = pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])


@pytest.fixture(params=["numpy", "compiled"])
def engine(request):
    if request.param == "numpy":
        return NumpyEngine()
    library = load()
    if isinstance(library, str):
        pytest.skip(library)
    return CompiledEngine(library)


def batch(n=20, classes=7, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=3, size=(classes, n)), rng.integers(0, classes, size=n)


@smoothings
def test_loss_and_gradient_are_those_of_pytorch(smoothing, engine, torch):
    z, y = batch()
    loss = engine.loss(CrossEntropy(label_smoothing=smoothing, class_weights=WEIGHTS))
    logits = torch.tensor(z.T.copy(), requires_grad=True)
    right = torch.nn.functional.cross_entropy(
        logits,
        torch.tensor(y),
        torch.tensor(WEIGHTS, dtype=torch.float64),
        label_smoothing=smoothing,
    )
    right.backward()
    totals, gradient = loss.totals_and_gradient(z, y)
    assert totals.risk == pytest.approx(right.item(), rel=1e-12)
    expected = logits.grad.numpy().T
    np.testing.assert_allclose(gradient * loss.share(y), expected, rtol=1e-11, atol=1e-15)


@smoothings
def test_the_hessian_product_is_the_change_of_the_gradient(smoothing):
    (z, y), h = batch(), 1e-6
    direction = np.random.default_rng(1).normal(size=z.shape)
    loss = CrossEntropy(label_smoothing=smoothing, class_weights=WEIGHTS)
    numeric = (loss.gradient(z + h * direction, y) - loss.gradient(z - h * direction, y)) / (2 * h)
    product = loss.hessian_product(z, y, direction)
    np.testing.assert_allclose(product, numeric, rtol=1e-6, atol=1e-8)


@smoothings
def test_no_other_answer_for_all_samples_has_a_smaller_mean_loss(smoothing):
    rng, y = np.random.default_rng(0), np.array([0, 2, 2, 1, 2, 0])
    loss = CrossEntropy(label_smoothing=smoothing, class_weights=(3.0, 0.5, 1.0))

    def mean_loss(answer):
        return loss.values(np.repeat(answer[:, None], len(y), axis=1), y).sum() * loss.share(y)

    best = loss.best_constant(np.bincount(y) / len(y))
    others = [mean_loss(best + change) for change in rng.normal(scale=0.1, size=(100, 3))]
    assert mean_loss(best) < min(others)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@smoothings
def test_the_loss_in_c_is_that_in_numpy(smoothing, dtype, engine):
    z, y = batch(37)
    plain = CrossEntropy(label_smoothing=smoothing, class_weights=WEIGHTS)
    mine, tolerance = engine.loss(plain), 20 * np.finfo(dtype).eps
    z = z.astype(dtype)
    for name in ("values", "gradient"):
        found = getattr(mine, name)(z, y)
        assert found.dtype == dtype
        np.testing.assert_allclose(
            found, getattr(plain, name)(z, y), rtol=tolerance, atol=4 * tolerance
        )


@pytest.mark.parametrize("scale", [1.0, 7.5])
def test_equal_weights_change_nothing_but_last_bits(scale, engine):
    z, y = batch()
    totals, gradient = engine.loss(CrossEntropy()).totals_and_gradient(z, y)
    loss = engine.loss(CrossEntropy(class_weights=(scale,) * 7))
    weighted, scaled = loss.totals_and_gradient(z, y)
    assert weighted.risk == pytest.approx(totals.risk, rel=1e-14)
    assert (weighted.errors, weighted.ties) == (totals.errors, totals.ties)
    np.testing.assert_allclose(scaled * loss.share(y), gradient / 20, rtol=1e-13, atol=1e-17)


def network(engine, smoothing=0.0, weights=WEIGHTS, **other):
    loss = CrossEntropy(label_smoothing=smoothing, class_weights=weights)
    layers = [Dense(units=7), Softmax()]
    return Network(layers, loss, (5,), 7, np.dtype("f8"), engine, **other)


@smoothings
def test_a_batch_of_several_chunks_is_weighted_as_a_whole(smoothing, engine, torch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 5)), rng.integers(0, 7, size=50)
    net = network(engine, smoothing, chunk=16)
    w = net.initial_parameters(0) * 5
    risk, gradient = net.loss_and_gradient(w, x, y)
    weight, bias = (torch.tensor(a, requires_grad=True) for a in net.named_parameters(w).values())
    right = torch.nn.functional.cross_entropy(
        torch.tensor(x) @ weight.T + bias,
        torch.tensor(y),
        torch.tensor(WEIGHTS, dtype=torch.float64),
        label_smoothing=smoothing,
    )
    right.backward()
    assert risk == pytest.approx(right.item(), rel=1e-12)
    expected = np.concatenate([weight.grad.numpy().ravel(), bias.grad.numpy()])
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-15)


@smoothings
def test_a_batch_that_weighs_nothing_has_no_loss_and_no_gradient(smoothing, engine):
    x = np.random.default_rng(0).normal(size=(9, 5))
    net = network(engine, smoothing)
    risk, gradient = net.loss_and_gradient(net.initial_parameters(0), x, np.full(9, 2))
    assert risk == 0
    assert not gradient.any()


def test_the_curvature_is_weighted_likewise(engine):
    """With one class that weighs anything, only its samples count."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 5)), rng.integers(0, 7, size=40)
    one, plain = network(engine, weights=(0.0, 4.0) + (0.0,) * 5), network(engine, weights="none")
    w, v = plain.initial_parameters(0) * 5, rng.normal(size=plain.parameters.count)
    found = one.gauss_newton(w, ArraySamples(x, y), (0, 0, 0), v)
    right = plain.gauss_newton(w, ArraySamples(x[y == 1], y[y == 1]), (0, 0, 0), v)
    np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-14)


def test_errors_are_not_weighted(engine):
    z = np.array([[2.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    loss = engine.loss(CrossEntropy(class_weights=(10.0, 1.0)))
    totals, _ = loss.totals_and_gradient(z, np.array([0, 0, 1]))
    assert (totals.samples, totals.errors, totals.weight) == (3, 1, 21)
    assert totals.error == 1 / 3


def test_totals_add_up_by_weight():
    assert BatchTotals(2, 1.0, weight=4.0) + BatchTotals(1, 2.0, weight=0.5) == BatchTotals(
        3, 3.0, weight=4.5
    )
    assert (BatchTotals() + BatchTotals(2, 1.0, weight=4.0)).risk == 0.25
    assert BatchTotals(2, 0.0, weight=0.0).risk == 0


def test_balanced_weights_are_inverse_to_the_frequencies():
    y = np.array([0, 0, 0, 1, 3, 3])
    weights = for_classes("balanced", y, ["a", "b", "c", "d"])
    assert weights == (6 / 12, 6 / 4, 1.0, 6 / 8)
    assert sum(weights[label] for label in y) == pytest.approx(6 * 3 / 4)  # of 3 classes in 4


def test_named_weights_leave_the_others_at_1():
    assert for_classes({"b": 3, "a": 0.5}, np.arange(3), ["a", "b", "c"]) == (0.5, 3.0, 1.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((1.0, 2.0), "found 2 weights, expected one for each of 3 classes"),
        ({"bb": 1.0}, "found bb, expected names of classes: a, b, c (did you mean b?)"),
        ({"a\x1b": 1.0}, r"found a\x1b, expected names of classes: a, b, c (did you mean a?)"),
        ((0.0, 0.0, 5.0), "all samples of the training part weigh 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ClassWeightsError) as caught:
        for_classes(given, np.array([0, 1, 1]), ["a", "b", "c"])
    assert message in str(caught.value)


def test_what_samples_weigh_depends_on_no_order():
    loss, y = CrossEntropy(class_weights=(0.1, 0.7, 1 / 3)), np.arange(1000) % 3
    exact = math.fsum(loss.weights[y])
    shuffled = np.random.default_rng(0).permutation(y)
    assert loss.weight(y) == loss.weight(shuffled) == pytest.approx(exact, rel=1e-15)


def test_a_network_takes_a_weight_for_each_output():
    with pytest.raises(UsageError, match="found 2 class_weights, expected one for each of 7"):
        network(NumpyEngine(), weights=(1.0, 2.0))


def test_weights_of_a_data_set_are_asked_for_where_it_is_not_known():
    z, y = batch()
    with pytest.raises(UsageError, match="class_weights"):
        CrossEntropy(class_weights="balanced").values(z, y)


def test_without_weights_the_loss_in_c_keeps_its_structure():
    library = load()
    if isinstance(library, str):
        pytest.skip(library)
    given = in_c(CrossEntropy(), library).structure(7, np.zeros(3, dtype=np.int64))
    assert given.weights is None
