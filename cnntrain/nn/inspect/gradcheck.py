"""The gradient of back-propagation held against central differences, in float64.

    dL/dw_i  is compared with  (L(w + h e_i) - L(w - h e_i)) / 2h

Entries are drawn at random from every parameter array.  An entry is left out, and counted as a
kink, where the interval [w - h, w + h] crosses a point at which the loss has no derivative: some
ReLU changes its sign or some max-pooling its arg max, for every step tried.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnntrain import randomness
from cnntrain.errors import UsageError
from cnntrain.nn.engines.numpy.engine import LayerStage, NumpyEngine
from cnntrain.nn.execution.context import ChunkContext, StepKey
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.network import Network
from cnntrain.nn.parameters import Parameter
from cnntrain.nn.samples import ArraySamples
from cnntrain.nn.shapes import Array

STEPS = (1e-5, 1e-6, 1e-7)  # h, in units of max(1, |w_i|); a smaller one where h meets a kink
TOLERANCE = 1e-6  # largest relative error that passes
WORST = 5  # entries of an array that a report shows


@dataclass(frozen=True)
class EntryCheck:
    """One entry of a parameter array: its two derivatives and their relative error.

    The error is |a - n| / max(|a|, |n|, floor).  The floor is the rounding error of the
    difference quotient divided by the tolerance, so that a difference that rounding explains
    passes and none larger does, however small the derivatives are.
    """

    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class ArrayCheck:
    """One parameter array ("conv1/weight"): how its derivatives compare.

    entries   in the array
    checked   compared with central differences
    kinks     drawn, but left out because the loss has a kink there
    error     the largest relative error of the checked entries, 0 if there are none
    worst     those with the largest errors, the largest first
    """

    name: str
    entries: int
    checked: int
    kinks: int
    error: float
    worst: tuple[EntryCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether entries were checked, and none of them is wrong.  Where kinks leave nothing to
        check (biases of 0 under inputs of 0), move `w` a little."""
        return self.checked > 0 and self.error <= TOLERANCE


def check_gradients(
    network: Network,
    w: Array,
    x: Array,
    y: Array,
    entries: int | Literal["all"] = 50,
    seed: int = 0,
    rng_key: StepKey = (0, 0, 0),
) -> list[ArrayCheck]:
    """One report for each parameter array of `network`, in network order.

    w, x, y, rng_key   as in `Network.loss_and_gradient`; all samples are one chunk
    entries         how many to check in each array, at random by `seed`, or "all"

    >>> data = cnntrain.load_data("digits.yaml")
    >>> network = cnntrain.build_network(cnntrain.load_config("digits.yaml"), (8, 8, 1), 10)
    >>> w, x, y = network.initial_parameters(0), data.train.x[:4] / 16 - 0.3, data.train.y[:4]
    >>> checks = cnntrain.check_gradients(network, w, x, y, entries=5)
    >>> [check.name for check in checks if check.passed]
    ['conv1/weight', 'conv1/bias', 'dense1/weight', 'dense1/bias']
    """
    if entries != "all" and entries < 1:
        raise UsageError(f'check_gradients: entries is {entries}, expected at least 1, or "all"')
    network = dataclasses.replace(
        network, dtype=np.dtype(np.float64), chunk=len(x), frozen=frozenset()
    )
    w = np.array(w, dtype=np.float64)
    _, gradient = network.loss_and_gradient(w, x, y, rng_key)
    risk = _Risk(network, w, x, y, rng_key)
    return [
        _check_array(risk, entry, name, gradient, _choose(entry, name, entries, seed))
        for entry, name in zip(network.parameters, network.named_parameters(w), strict=True)
    ]


def _choose(entry: Parameter, name: str, entries: int | Literal["all"], seed: int) -> list[int]:
    """Which entries of an array to check, as positions in its part of the flat vector."""
    count = entry.stop - entry.start
    if entries == "all" or entries >= count:
        return list(range(count))
    return sorted(
        int(i) for i in randomness.permutation(count, "gradient check", seed, name)[:entries]
    )


def _check_array(
    risk: _Risk, entry: Parameter, name: str, gradient: Array, chosen: list[int]
) -> ArrayCheck:
    checks = [_check_entry(risk, entry, gradient, i) for i in chosen]
    checked = sorted((c for c in checks if c is not None), key=lambda c: c.error, reverse=True)
    return ArrayCheck(
        name,
        entries=entry.stop - entry.start,
        checked=len(checked),
        kinks=len(checks) - len(checked),
        error=max((c.error for c in checked), default=0.0),
        worst=tuple(checked[:WORST]),
    )


def _check_entry(risk: _Risk, entry: Parameter, gradient: Array, i: int) -> EntryCheck | None:
    """The comparison for one entry, None where every step meets a kink."""
    analytic = float(gradient[entry.start + i])
    for step in STEPS:
        h = step * max(1.0, abs(float(risk.w[entry.start + i])))
        numeric = risk.derivative(entry, i, h)
        if numeric is not None:
            floor = risk.rounding / h / TOLERANCE
            error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
            index = tuple(int(n) for n in np.unravel_index(i, entry.shape))
            return EntryCheck(index, analytic, numeric, error if np.isfinite(error) else np.inf)
    return None


class _Risk:
    """The risk of the samples as a function of one entry of `w` at a time.

    What every layer received at `w`, what was waiting then, and which branches it took, is kept: a
    changed parameter of layer k needs a forward pass from layer k on only, and other branches mean
    a kink on the way.
    """

    def __init__(self, network: Network, w: Array, x: Array, y: Array, rng_key: StepKey) -> None:
        self.w, self.network = w, network
        self.views = network.layout.views(w, network.initial_buffers())
        self.context = ChunkContext(Workspace(), True, rng_key)
        self.layers = network.layers_before_loss
        choose = NumpyEngine().choose
        self.stages = [LayerStage(layer, k, choose) for k, layer in enumerate(self.layers)]
        self.inputs: list[Array] = []
        self.waiting: list[list[Array]] = []
        self.branches: list[Array | None] = []
        output, self.y = ArraySamples(x, y).chunk(0, len(x), np.float64)
        for k, layer in enumerate(self.layers):
            self.inputs.append(output.copy())
            self.waiting.append([array.copy() for array in self.context.waiting])
            self.branches.append(layer.branches(output))
            output = self._forward(k, output)
        values = network.loss.values(output, self.y)
        self.share = network.loss.share(self.y)
        self.rounding = 8 * np.finfo(np.float64).eps * (1 + float(np.abs(values).mean()))

    def derivative(self, entry: Parameter, i: int, h: float) -> float | None:
        """The central difference in entry `i` of an array, None where it crosses a kink."""
        at = entry.start + i
        centre = self.w[at]
        try:
            above = self._losses(entry.layer, at, centre + h)
            below = self._losses(entry.layer, at, centre - h)
        finally:
            self.w[at] = centre
        if above is None or below is None:
            return None
        return float((above - below).sum() * self.share / ((centre + h) - (centre - h)))

    def _losses(self, first: int, at: int, value: float) -> Array | None:
        """Each sample's loss with w[at] = value, a parameter of layer `first`."""
        self.w[at] = value
        x, self.context.waiting[:] = self.inputs[first], self.waiting[first]
        for k in range(first, len(self.layers)):
            x = self._forward(k, x)
            if k + 1 < len(self.layers) and self._branches_otherwise(k + 1, x):
                return None
        return self.network.loss.values(x, self.y)

    def _forward(self, k: int, x: Array) -> Array:
        return self.stages[k].forward(x, self.views, self.context)[0]

    def _branches_otherwise(self, k: int, x: Array) -> bool:
        here, there = self.branches[k], self.layers[k].branches(x)
        return here is not None and there is not None and not np.array_equal(here, there)
