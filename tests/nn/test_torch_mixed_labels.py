"""Mixed labels in the losses: PyTorch's numbers for probabilities of classes, in both engines."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.layers import Dense, Softmax
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples

WEIGHTS = (0.5, 2.0, 0.0, 1.25, 3.0, 0.1, 1.0)
smoothings = pytest.mark.parametrize("smoothing", [0.0, 0.1])
weightings = pytest.mark.parametrize("weights", ["none", WEIGHTS], ids=["plain", "weighted"])


@pytest.fixture(params=["numpy", "compiled"])
def engine(request):
    if request.param == "numpy":
        return NumpyEngine()
    library = load()
    if isinstance(library, str):
        pytest.skip(library)
    return CompiledEngine(library)


def batch(n=37, classes=7):
    """z, and shares of which some are 0, some equal."""
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(classes, 0.3), n)
    shares[::5] = np.eye(classes)[2]
    shares[1::5] = (np.eye(classes)[5] + np.eye(classes)[1]) / 2
    return rng.normal(scale=3, size=(classes, n)), shares


@smoothings
@weightings
def test_cross_entropy_is_that_of_pytorch(smoothing, weights, engine, torch):
    z, q = batch()
    loss = engine.loss(CrossEntropy(label_smoothing=smoothing, class_weights=weights))
    logits = torch.tensor(z.T.copy(), requires_grad=True)
    given = None if weights == "none" else torch.tensor(weights, dtype=torch.float64)
    right = torch.nn.functional.cross_entropy(
        logits, torch.tensor(q), given, label_smoothing=smoothing
    )
    right.backward()
    totals, gradient = loss.totals_and_gradient(z, q)
    assert totals.risk == pytest.approx(right.item(), rel=1e-12)
    assert loss.values(z, q).mean() == pytest.approx(right.item(), rel=1e-12)
    np.testing.assert_allclose(
        gradient * loss.share(q), logits.grad.numpy().T, rtol=1e-11, atol=1e-15
    )


def test_the_quadratic_loss_is_that_of_pytorch(engine, torch):
    p, q = batch()
    outputs = torch.tensor(p.T.copy(), requires_grad=True)
    right = torch.nn.functional.mse_loss(outputs, torch.tensor(q), reduction="sum") / len(q)
    right.backward()
    loss = engine.loss(Quadratic())
    totals, gradient = loss.totals_and_gradient(p, q)
    assert totals.risk == pytest.approx(right.item(), rel=1e-12)
    np.testing.assert_allclose(gradient * loss.share(q), outputs.grad.numpy().T, rtol=1e-11)


@smoothings
@weightings
def test_a_batch_of_several_chunks_is_that_of_pytorch(smoothing, weights, engine, torch):
    rng, (_, q) = np.random.default_rng(1), batch(50)
    x, loss = (
        rng.normal(size=(50, 5)),
        CrossEntropy(label_smoothing=smoothing, class_weights=weights),
    )
    net = Network([Dense(units=7), Softmax()], loss, (5,), 7, np.dtype("f8"), engine, chunk=16)
    w = net.initial_parameters(0) * 5
    totals, gradient, _ = net.totals_and_gradient(w, ArraySamples(x, q), (0, 0, 0))
    weight, bias = (torch.tensor(a, requires_grad=True) for a in net.named_parameters(w).values())
    right = torch.nn.functional.cross_entropy(
        torch.tensor(x) @ weight.T + bias,
        torch.tensor(q),
        None if weights == "none" else torch.tensor(weights, dtype=torch.float64),
        label_smoothing=smoothing,
    )
    right.backward()
    assert totals.risk == pytest.approx(right.item(), rel=1e-12)
    expected = np.concatenate([weight.grad.numpy().ravel(), bias.grad.numpy()])
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-15)
