"""Optimizers against PyTorch's over 100 steps."""

import numpy as np
import pytest
import torch

ROWS = [
    ("sgd", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ("sgd", {}, "SGD", {}),
    ("nesterov", {"momentum": 0.9}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ("adam", {}, "Adam", {}),
    (
        "adam",
        {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-4},
        "Adam",
        {"betas": (0.5, 0.9), "eps": 1e-4},
    ),
    ("adamw", {}, "AdamW", {"weight_decay": 0.0}),
    ("adagrad", {}, "Adagrad", {}),
    ("rmsprop", {}, "RMSprop", {}),
    ("rmsprop", {"rho": 0.9, "momentum": 0.5}, "RMSprop", {"alpha": 0.9, "momentum": 0.5}),
]


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(("kind", "settings", "name", "theirs"), ROWS)
def test_equal_to_pytorch(kind, settings, name, theirs, decay, make_optimizer):
    rng = np.random.default_rng(0)
    start, target = rng.normal(size=(2, 50))
    ours = make_optimizer(kind, weight_decay=decay, **settings)
    w, state = start.copy(), ours.start(start)
    parameter = torch.tensor(start.copy(), requires_grad=True)
    optimizer = getattr(torch.optim, name)(
        [parameter], lr=0.02, **{**theirs, "weight_decay": decay}
    )
    for t in range(100):
        rate = 0.02 / (1 + 0.1 * t)
        gradient = np.sin(w - target)
        ours.decay(w, gradient, rate, [slice(0, 50)])
        ours.move(w, gradient, rate, state)
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.sin(parameter.detach() - torch.tensor(target))
        optimizer.step()
        np.testing.assert_allclose(w, parameter.detach().numpy(), rtol=1e-6, atol=1e-12)
    assert np.abs(w - start).max() > 0.01
