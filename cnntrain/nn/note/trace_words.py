"""A trace in words and short numbers, for a screen or a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.nn.losses import CrossEntropy, Loss
from cnntrain.nn.note.trace import LayerTrace, SampleTrace, Trace
from cnntrain.nn.shapes import Array, Shape, size_text
from cnntrain.text import all_of, printable

Table = dict[str, list[str]]  # cells of each column, below its title
FEW = 4  # entries of a vector that is not shown whole


@dataclass(frozen=True, eq=False)
class ArrayStep:
    """What a step makes of one array of parameters."""

    name: str
    before: Array
    gradient: Array
    after: Array
    frozen: bool

    @property
    def length(self) -> str:
        """The norm of the step."""
        return "frozen" if self.frozen else norm_text(self.after - self.before)


def array_steps(trace: Trace) -> list[ArrayStep]:
    """The step, array by array, each as a vector."""
    network = trace.network
    return [
        ArrayStep(
            f"{network.names[entry.layer]}/{entry.name}",
            entry.view(trace.w).ravel(),
            entry.view(trace.gradient).ravel(),
            entry.view(trace.after).ravel(),
            entry.layer in network.frozen,
        )
        for entry in network.parameters
    ]


def arithmetic(trace: Trace) -> str:
    """The step of the entry that moves most, as a sum; "" where there are no parameters."""
    if not trace.w.size:
        return ""
    steps = array_steps(trace)
    most = max(steps, key=lambda one: np.abs(one.after - one.before).max())
    j = int(np.abs(most.after - most.before).argmax())
    w, g, after = (float(v[j]) for v in (most.before, most.gradient, most.after))
    return f"{most.name}[{j}]: {w:.6g} - {trace.alpha:g} * {g:.6g} = {after:.6g}"


def forward(sample: SampleTrace) -> Table:
    """Forward propagation, a row for each x(k)."""
    layers = sample.layers
    x = [sample.x, *(layer.x for layer in layers)]
    shapes = [sample.shape, *(layer.shape for layer in layers)]
    return {
        "k": [str(k) for k in range(len(x))],
        "layer": ["input", *(layer.name for layer in layers)],
        "x(k)": [size(shape, v) for shape, v in zip(shapes, x, strict=True)],
        "norm": list(map(norm_text, x)),
        "min": [number(v.min()) for v in x],
        "max": [number(v.max()) for v in x],
        "first entries": [entries(v, FEW) for v in x],
    }


def backward(sample: SampleTrace) -> Table:
    """Equations 2 and 3, a row for each layer, from the last to the first."""
    layers = sample.layers[::-1]
    return {
        "k": [str(layer.k) for layer in layers],
        "layer": [layer.name for layer in layers],
        "g": [f"1 x {layer.g.size}" for layer in layers],
        "norm of g": [norm_text(layer.g) for layer in layers],
        "dx(k)/dw(k)": [_shape(layer.x, layer.w) for layer in layers],
        "norm of dl/dw(k)": [norm_text(one.dl_dw) if one.w.size else "" for one in layers],
        "dx(k)/dx(k-1)": [_shape(layer.x, layer.before) for layer in layers],
        "norm of dl/dx(k-1)": [norm_text(layer.dl_dx) for layer in layers],
    }


def step(trace: Trace) -> Table:
    """Equation 6, a row for each array of parameters."""
    steps = array_steps(trace)
    return {
        "array": [one.name for one in steps],
        "entries": [f"{one.before.size:,}" for one in steps],
        "norm of w": [norm_text(one.before) for one in steps],
        "norm of dL/dw": [norm_text(one.gradient) for one in steps],
        "norm of step": [one.length for one in steps],
        "first entry": [number(one.before[0]) for one in steps],
        "after": [number(one.after[0]) for one in steps],
    }


def vectors(layer: LayerTrace) -> dict[str, Array]:
    """Those of a layer, by what the note calls them."""
    named = {"x(k-1)": layer.before, "w(k)": layer.w, "x(k)": layer.x, "g = dl/dx(k)": layer.g}
    named |= {"dl/dw(k)": layer.dl_dw, "dl/dx(k-1)": layer.dl_dx}
    return {name: vector for name, vector in named.items() if vector.size}


def matrices(layer: LayerTrace) -> dict[str, Array]:
    """The Jacobians of a layer (equation 5)."""
    by_w = {"dx(k)/dw(k)": layer.dx_dw()} if layer.w.size else {}
    return by_w | {"dx(k)/dx(k-1)": layer.dx_dx()}


def _shape(rows: Array, columns: Array) -> str:
    """Of a Jacobian, "" where it has no columns."""
    return f"{rows.size} x {columns.size}" if columns.size else ""


def loss_words(loss: Loss) -> str:
    """The loss."""
    formula = "l(y, y') = ||y - y'||^2"
    if isinstance(loss, CrossEntropy):
        formula = "l(y, p) = -log p_y"
        if loss.label_smoothing:
            formula = f"l(y, p) = -sum q_c(y) log p_c, labels smoothed by {loss.label_smoothing:g}"
    return formula


def target_text(sample: SampleTrace, classes: Sequence[str] = ()) -> str:
    """A label, its p, and the answer, with names of classes that are no mere numbers."""
    y, best = int(sample.y), sample.best[0]
    label, answer = (_class_text(c, classes) for c in (y, best))
    return f"{label}, p_y = {sample.p[y]:.6g}; the answer is {answer}, p = {sample.p[best]:.6g}"


def _class_text(c: int, classes: Sequence[str]) -> str:
    name = classes[c] if classes else str(c)
    return str(c) if name == str(c) else f"{c} ({printable(name)})"


def kinks(sample: SampleTrace) -> list[str]:
    """Cusps and ties that a sample met, with the layer."""
    met = [f"{layer.name}: {text}" for layer in sample.layers for text in layer.kinks]
    if not np.ndim(sample.y) and len(sample.best) > 1:
        tied = all_of(map(str, sample.best))
        met.append(f"arg max: the classes {tied} tie, the lowest is the answer")
    return met


def size(shape: Shape, x: Array) -> str:
    """The shape of x(k), and the entries that wait for a sum."""
    waiting = x.size - math.prod(shape)
    return size_text(shape) + (f" + {waiting:,}" if waiting else "")


def number(value: float) -> str:
    """Four digits."""
    return "0" if value == 0 else f"{value:.4g}"


def aligned(matrix: Array) -> list[list[str]]:
    """Its entries with the decimals that give the largest of them four digits; 0 is "0"."""
    largest = float(np.abs(matrix).max(initial=0.0))
    if not 1e-4 <= largest < 1e4:
        return [[number(float(value)) for value in row] for row in matrix]
    decimals = 3 - math.floor(math.log10(largest))
    return [[f"{value:.{decimals}f}" if value else "0" for value in row] for row in matrix]


def norm_text(values: Array) -> str:
    """The Euclidean norm."""
    return number(float(np.linalg.norm(values)))


def entries(values: Array, most: int) -> str:
    """The first entries, in the order of the vector."""
    text = ", ".join(number(float(value)) for value in values[:most])
    return text if values.size <= most else f"{text}, ..."


def fraction_not_zero(matrix: Array) -> str:
    """The share of its entries that are not 0."""
    return f"{100 * np.count_nonzero(matrix) / max(matrix.size, 1):.3g} %"
