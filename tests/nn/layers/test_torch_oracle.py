"""Each layer's output and gradients equal PyTorch's, where PyTorch is installed."""

from __future__ import annotations

import layer_contracts
import numpy as np
import pytest
import torch
from torch.nn import functional

from cnntrain.nn.layers import ELU, GELU, LeakyReLU, Sigmoid, SiLU, Tanh

# By name: a layer, the shape of a sample, and the same in PyTorch, given x and the parameters.
CASES = {
    "leaky_relu": (LeakyReLU(), (3, 4, 5), lambda x, w: functional.leaky_relu(x)),
    "leaky_relu, another slope": (
        LeakyReLU(slope=0.2),
        (7,),
        lambda x, w: functional.leaky_relu(x, 0.2),
    ),
    "elu": (ELU(), (3, 4, 5), lambda x, w: functional.elu(x)),
    "elu, another alpha": (ELU(alpha=0.3), (7,), lambda x, w: functional.elu(x, 0.3)),
    "gelu": (GELU(), (3, 4, 5), lambda x, w: functional.gelu(x)),
    "silu": (SiLU(), (3, 4, 5), lambda x, w: functional.silu(x)),
    "tanh": (Tanh(), (3, 4, 5), lambda x, w: torch.tanh(x)),
    "sigmoid": (Sigmoid(), (3, 4, 5), lambda x, w: torch.sigmoid(x)),
}


@pytest.mark.parametrize(("layer", "shape", "in_torch"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize(
    ("dtype", "bound"), [(np.float64, 1e-12), (np.float32, 1e-5)], ids=["double", "single"]
)
def test_output_and_gradients_equal_those_of_pytorch(layer, shape, in_torch, dtype, bound):
    """To within `bound` times the largest entry of each array."""
    n = 6
    x = layer_contracts.untied(shape, n).astype(dtype)
    w = {name: a.astype(dtype) for name, a in layer_contracts.weights(layer, shape).items()}
    dy = layer_contracts.directions(layer, shape, n)[2].astype(dtype)
    context = layer_contracts.make_context()
    y, dx, dw = layer_contracts.gradients(layer, x, w, dy, context)

    outer = torch.tensor(np.moveaxis(x, -1, 0).copy(), requires_grad=True)
    parameters = {name: torch.tensor(a, requires_grad=True) for name, a in w.items()}
    out = in_torch(outer, parameters)
    out.backward(torch.tensor(np.moveaxis(dy, -1, 0).copy()))
    expected = {"y": out.detach(), "dx": outer.grad}
    expected |= {name: parameter.grad for name, parameter in parameters.items()}
    found = {"y": np.moveaxis(y, -1, 0), "dx": np.moveaxis(dx, -1, 0), **dw}
    for name, array in expected.items():
        assert found[name].dtype == dtype
        right = array.numpy()
        worst = np.abs(found[name] - right).max()
        assert worst <= bound * np.abs(right).max(), (name, worst)
