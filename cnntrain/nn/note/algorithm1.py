"""Algorithm 1 of the note, to be read beside it: back-propagation with explicit Jacobians.

The layers and their Jacobian matrices are in `jacobians`, as the note has them in its appendix.
Nothing here is fast: `Network.loss_and_gradient` is, and the tests hold it against this.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import UsageError
from cnntrain.nn.layers.joints import Joint
from cnntrain.nn.losses import CrossEntropy, Loss, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.note.function import Vector, delta
from cnntrain.nn.note.jacobians import check_layer
from cnntrain.nn.note.stack_functions import functions, vector_sizes
from cnntrain.nn.shape_checks import largest_setting
from cnntrain.nn.shapes import Shape
from cnntrain.text import Spelling

LIMIT = 3 * 10**7  # entries of Jacobian matrices, 240 MB of them if they were all there at once
PATIENCE = 5.0  # seconds a sample that need not be spoken of


def backprop(
    T: Iterable[tuple[Any, Any]], w: NDArray[Any], network: Network, limit: int | None = LIMIT
) -> Vector:
    """The gradient of the training risk L_T at `w` (Algorithm 1 of the note).

    T        pairs (x_n, y_n): x_n (H, W, C), (H, W) or (d,); y_n a label, or a target vector (d,)
    w        the flat parameter vector [w(1); ...; w(K)]
    network  its layers are f(1), ..., f(K), its loss is l
    limit    entries that the Jacobian matrices may have for one sample, each of which is computed
             by itself; None for any number

    The note's loop ends at k = 2, but equation 2 holds for k = 1 as well and the gradient needs
    it, so the loop goes down to k = 1.  Max-pooling with random ties takes the first of the
    highest inputs, not the one that the network would draw.  Raises UsageError for a layer or a
    loss that the note does not have, and for Jacobian matrices beyond the limit.  Issues a
    UserWarning before what takes long.

    >>> flat = {"type": "flatten"}, {"type": "dense", "units": 10}, {"type": "softmax"}
    >>> config = cnntrain.load_config("digits.yaml", overrides={"layers": flat})
    >>> network = cnntrain.build_network(config, input_shape=(8, 8, 1), outputs=10)
    >>> data, w = cnntrain.load_data(config), network.initial_parameters(seed=0)
    >>> x, y = data.train.x[:4] / 16, data.train.y[:4]
    >>> _, fast = network.loss_and_gradient(w, x, y)
    >>> bool(np.allclose(cnntrain.backprop(zip(x, y), w, network), fast, atol=1e-6))
    True
    """
    check(network, limit)
    if seconds(network) > PATIENCE:
        about = f"Algorithm 1 takes about {seconds(network):.0f} s for each sample of this network"
        warnings.warn(about, UserWarning, stacklevel=2)
    K = len(network.all_layers)
    f = dict(enumerate(functions(network), start=1))
    w_ = split(np.asarray(w, dtype=np.float64), network)
    grad = np.zeros(network.parameters.count)
    for n, (x_n, y_n) in enumerate(T, start=1):
        x = {0: as_vector(x_n, network.input_shape)}
        for k in range(1, K + 1):  # forward propagation
            x[k] = f[k].value(x[k - 1], w_[k])
        grad_n = np.zeros(0)
        g = dl_dp(network.loss, y_n, x[K])  # equation 4
        for k in range(K, 0, -1):  # back-propagation; here g is dl_n / dx(k)
            grad_n = np.concatenate([g @ f[k].dx_dw(x[k - 1], w_[k]), grad_n])  # equation 2
            g = g @ f[k].dx_dx(x[k - 1], w_[k])  # equation 3
        grad = ((n - 1) * grad + grad_n) / n  # accumulate the average
    return grad


def check(network: Network, limit: int | None = LIMIT) -> None:
    """Raise UsageError for a network that Algorithm 1 does not have, or whose Jacobian matrices
    have more entries than `limit` for one sample."""
    if network.loss.weights is not None:
        raise UsageError("Algorithm 1 has no class_weights (take class_weights: none)")
    if not isinstance(network.loss, CrossEntropy | Quadratic):
        raise UsageError(
            f"Algorithm 1 has no loss {network.loss.word()!r}, only cross_entropy and quadratic"
        )
    for layer in network.all_layers:
        if not isinstance(layer, Joint):
            check_layer(layer)
    if limit is not None and jacobian_entries(network) > limit:
        raise _too_many(network, limit)


def _too_many(network: Network, limit: int) -> UsageError:
    """The error that names the layer with the most entries."""
    of_layers, nodes = _entries_of_layers(network), network.line.nodes
    k = of_layers.index(max(of_layers))
    blamed = largest_setting(nodes[: k + 1])
    less = f"reduce {nodes[blamed[0]].place.key}.{blamed[1]}" if blamed else "take smaller inputs"
    time = "" if Spelling.as_options else ", or limit=None and time"
    return UsageError(
        f"{nodes[k].place} has {of_layers[k]:,} of {sum(of_layers):,} entries of Jacobian matrices "
        f"for each sample, expected at most {limit:,} in all ({less}{time})"
    )


def seconds(network: Network) -> float:
    """About how long one sample takes."""
    products = sum(
        layer.flops(shape) for layer, shape in zip(network.all_layers, network.shapes, strict=False)
    )
    return 1e-7 * jacobian_entries(network) + 4e-6 * products


def jacobian_entries(network: Network) -> int:
    """Entries of dx(k)/dw(k) and dx(k)/dx(k-1) for k = 1, ..., K."""
    return sum(_entries_of_layers(network))


def _entries_of_layers(network: Network) -> list[int]:
    sizes = vector_sizes(network)
    parameters = [0] * len(network.all_layers)
    for entry in network.parameters:
        parameters[entry.layer] += math.prod(entry.shape)
    steps = zip(sizes, sizes[1:], parameters, strict=False)
    return [output * (input + own) for input, output, own in steps]


def loss_value(loss: Loss, y: Any, p: Vector) -> float:
    """l(y, p): -log p_y, or ||y - y'||^2."""
    q = _target(loss, y, p.size)
    if isinstance(loss, CrossEntropy):  # 0 log 0 is 0
        if any(q[c] and not p[c] for c in range(p.size)):
            return math.inf
        return float(-sum(q[c] * math.log(p[c]) for c in range(p.size) if q[c]))
    return float(sum((p[c] - q[c]) ** 2 for c in range(p.size)))


def dl_dp(loss: Loss, y: Any, p: Vector) -> Vector:
    """The derivative of l(y, p) with respect to its second argument, a row vector."""
    q = _target(loss, y, p.size)
    if isinstance(loss, CrossEntropy):
        return np.array([-q[c] / p[c] for c in range(p.size)])  # of -sum over c of q_c log p_c
    return 2 * (p - q)


def _target(loss: Loss, y: Any, e: int) -> Vector:
    """q(y), the one-hot encoding of a label, perhaps smoothed; a target vector is itself."""
    if np.ndim(y):
        return np.asarray(y, dtype=np.float64)
    s = loss.label_smoothing if isinstance(loss, CrossEntropy) else 0.0
    return np.array([(1 - s) * delta(c, int(y)) + s / e for c in range(e)])


def as_vector(x: Any, shape: Shape) -> Vector:
    """A sample (H, W, C) as the vector of its entries in the order (C, H, W)."""
    image = np.asarray(x, dtype=np.float64).reshape(shape)
    return np.moveaxis(image, -1, 0).ravel()


def split(w: Vector, network: Network) -> dict[int, Vector]:
    """{k: w(k)}, k = 1, ..., K."""
    parts = network.parameters.views(w)
    return {
        k: np.concatenate([np.zeros(0), *(array.ravel() for array in part.values())])
        for k, part in enumerate(parts, start=1)
    }
