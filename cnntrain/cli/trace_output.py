"""The screen of `cnntrain trace`, and its JSON."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnntrain.cli.layout import Column, fitting, line_width, table_text
from cnntrain.nn.note.trace_words import (
    FEW,
    Table,
    aligned,
    arithmetic,
    array_steps,
    backward,
    entries,
    forward,
    fraction_not_zero,
    kinks,
    loss_words,
    matrices,
    norm_text,
    size,
    step,
    target_text,
    vectors,
)
from cnntrain.text import pluralize

if TYPE_CHECKING:
    from cnntrain.nn.note.function import Matrix, Vector
    from cnntrain.nn.note.trace import LayerTrace, SampleTrace, Trace

SMALL = 12  # entries of a vector that is shown whole
ROWS = 24  # of a matrix that is shown whole
LEFT = {"layer", "array", "first entries"}  # columns of text
SPARE = {"first entries": 3, "min": 2, "max": 2, "entries": 2, "norm of dl/dx(k-1)": 1}


def screen(trace: Trace, header: str, layer: str | None, classes: Sequence[str]) -> str:
    """All of it, or one layer in full; `classes` are the names of the classes, if there are any."""
    titles = [f"Sample {n}: " for n in range(1, len(trace.samples) + 1)]
    titles = titles if len(titles) > 1 else [""]
    parts = [_wrapped(header)]
    for title, sample in zip(titles, trace.samples, strict=True):
        if layer is not None:
            parts += _one_layer(title, next(one for one in sample.layers if one.name == layer))
        else:
            parts += _sample(title, sample, trace, classes)
    return "\n\n".join(parts if layer is not None else [*parts, *_step(trace)])


def _sample(title: str, sample: SampleTrace, trace: Trace, classes: Sequence[str]) -> Iterator[str]:
    yield f"{title}forward propagation, x(k) = f(k)(x(k-1), w(k))\n\n{_table(forward(sample))}"
    yield "\n".join(
        [
            _wrapped(f"{title}the loss, {loss_words(trace.network.loss)}"),
            _vector("y", sample.y)
            if np.ndim(sample.y)
            else _wrapped(target_text(sample, classes), f"  {'y':14}", 16 * " "),
            _vector("p = x(K)", sample.p),
            f"  l             {sample.loss:.6g}",
            _vector("dl/dp", sample.dl_dp) + "  (equation 4)",
        ]
    )
    back = _wrapped(
        f"{title}back-propagation, with g = dl/dx(k): dl/dw(k) = g dx(k)/dw(k) (equation 2), "
        "dl/dx(k-1) = g dx(k)/dx(k-1) (equation 3)"
    )
    yield f"{back}\n\n{_table(backward(sample))}"
    numbers = [_numbers(layer) for layer in reversed(sample.layers) if _is_small(layer)]
    if numbers:
        yield f"{title}the numbers of the small layers\n\n" + "\n".join(numbers)
    if found := kinks(sample):
        lines = [_wrapped(line, "  - ", "    ") for line in found]
        yield f"{title}cusps and ties that were met\n" + "\n".join(lines)


def _table(table: Table) -> str:
    """Its columns but for those for which there is no room."""
    columns = [
        Column(title, cells, title in LEFT, SPARE.get(title, 0)) for title, cells in table.items()
    ]
    width = line_width()
    return table_text(fitting(columns, width) or columns, width)


def _is_small(layer: LayerTrace) -> bool:
    return max(layer.x.size, layer.before.size, layer.w.size) <= SMALL


def _numbers(layer: LayerTrace) -> str:
    lines = [layer.name, _vector("g", layer.g)]
    if layer.w.size:
        lines += [_vector("w(k)", layer.w), _vector("dl/dw(k)", layer.dl_dw)]
    return "\n".join([*lines, _vector("dl/dx(k-1)", layer.dl_dx)])


def _step(trace: Trace) -> Iterator[str]:
    count, samples = len(trace.samples), pluralize(len(trace.samples), "sample")
    average = (
        f"the average over {count} samples, dL/dw = 1/{count} sum dl/dw, and " if count > 1 else ""
    )
    formula = "w <- w - alpha dL/dw (equation 6)"
    yield _wrapped(f"{average}the step, {formula}, with alpha = {trace.alpha:g}")
    if trace.w.size:
        yield _table(step(trace))
        yield "\n".join(
            [
                f"largest step      {arithmetic(trace)}",
                f"loss of {samples:10}{trace.loss:.6g} -> {trace.loss_after:.6g}",
            ]
        )


def _one_layer(title: str, layer: LayerTrace) -> Iterator[str]:
    head = f"{title}{layer.name}, k = {layer.k}, x(k) of {size(layer.shape, layer.x)}"
    yield "\n".join([head, *(_vector(name, v, 60) for name, v in vectors(layer).items())])
    for name, matrix in matrices(layer).items():
        yield _matrix(name, matrix)
    if layer.kinks:
        yield "\n".join(_wrapped(line, "  - ", "    ") for line in layer.kinks)


def _vector(name: str, values: Vector, most: int = SMALL) -> str:
    """A line or some: all entries, or the first and the norm where there are more than `most`."""
    text = entries(values, values.size if values.size <= most else FEW)
    more = f" of {values.size:,}, norm {norm_text(values)}" if values.size > most else ""
    return _wrapped(f"{text}{more}", f"  {name:14}", 16 * " ")


def _matrix(name: str, matrix: Matrix) -> str:
    """It, or where it is too large what it is like."""
    rows, columns = matrix.shape
    about = f"{name}, {rows} x {columns}"
    cells = aligned(matrix) if rows <= ROWS else []
    fits = cells and columns <= line_width() // 2
    if fits:
        text = table_text([Column("", cell) for cell in zip(*cells, strict=True)], line_width())
        lines = text.splitlines()[1:]  # below the titles, which are empty
        if max(map(len, lines)) + 2 <= line_width():
            return "\n".join([about, *(f"  {line}" for line in lines)])
    return _wrapped(
        f"{about}: too large for this screen, {fraction_not_zero(matrix)} of its entries are "
        f"not 0, norm {norm_text(matrix)} (--html has matrices of up to 64 x 64, --json has all)"
    )


def _wrapped(text: str, first: str = "", next_: str = "") -> str:
    return textwrap.fill(
        text,
        max(line_width(), 40),
        initial_indent=first,
        subsequent_indent=next_,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_json(trace: Trace, layer: str | None) -> dict[str, Any]:
    """All numbers; of a layer that is named, its Jacobian matrices, too."""
    return {
        "alpha": trace.alpha,
        "loss": trace.loss,
        "loss_after": trace.loss_after if math.isfinite(trace.loss_after) else None,
        "samples": [
            {
                "y": np.asarray(sample.y).tolist(),
                "loss": sample.loss,
                "x0": sample.x.tolist(),
                "dl_dp": sample.dl_dp.tolist(),
                "cusps_and_ties": kinks(sample),
                "layers": [
                    _layer_json(one, one.name == layer)
                    for one in sample.layers
                    if layer in (None, one.name)
                ],
            }
            for sample in trace.samples
        ],
        "arrays": {
            one.name: {
                "before": one.before.tolist(),
                "gradient": one.gradient.tolist(),
                "after": one.after.tolist(),
            }
            for one in array_steps(trace)
        },
    }


def _layer_json(layer: LayerTrace, whole: bool) -> dict[str, Any]:
    vectors = {"x": layer.x, "g": layer.g, "dl_dw": layer.dl_dw, "dl_dx": layer.dl_dx}
    matrices = {"dx_dw": layer.dx_dw(), "dx_dx": layer.dx_dx()} if whole else {}
    values = {name: array.tolist() for name, array in {**vectors, **matrices}.items()}
    return {"k": layer.k, "name": layer.name, "shape": list(layer.shape), **values}
