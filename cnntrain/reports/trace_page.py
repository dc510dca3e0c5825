"""One step of gradient descent as a page: `cnntrain trace --html`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from cnntrain.nn.note import trace_words as words
from cnntrain.nn.note.trace import LayerTrace, SampleTrace, Trace
from cnntrain.nn.shapes import Array
from cnntrain.reports.markup import Child, Element, element
from cnntrain.reports.page import Section, facts, folded, grid, page
from cnntrain.reports.png import as_gray, picture

MOST = 64  # rows and columns of a matrix, and entries of a vector, that are shown whole
CHANNELS = 16  # of an image, that are shown


def trace_page(
    trace: Trace, about: str, layer: str | None = None, classes: Sequence[str] = ()
) -> str:
    """The trace as HTML; `about` says of what, `layer` names the only one to be shown, and
    `classes` are the names of the classes, if there are any."""
    many = len(trace.samples) > 1
    sections: list[Section] = []
    for n, sample in enumerate(trace.samples, start=1):
        end, title = f"-{n}" if many else "", f", sample {n}" if many else ""
        sections += _sample(sample, trace, layer, end, title, classes)
    sections.append(_step(trace))
    return page("A step, traced", about, sections)


def _sample(
    sample: SampleTrace,
    trace: Trace,
    layer: str | None,
    end: str,
    title: str,
    classes: Sequence[str],
) -> Iterator[Section]:
    if layer is None:
        yield _forward(sample, end, title)
        yield _loss(sample, trace, end, title, classes)
        yield _backward(sample, end, title)
    shown = [one for one in sample.layers if layer in (None, one.name)]
    yield Section(
        f"layers{end}", f"The layers in full{title}", [_layer(one, layer) for one in shown]
    )


def _forward(sample: SampleTrace, end: str, title: str) -> Section:
    images = [("input", sample.shape, sample.x)]
    images += [(layer.name, layer.shape, layer.x) for layer in sample.layers]
    rows = [
        part
        for name, shape, x in images
        if len(shape) == 3
        for part in (element("h3", name), _pictures(name, shape, x))
    ]
    content = [
        element("p", "x(k) = f(k)(x(k-1), w(k)) for k = 1, ..., K."),
        _grid(words.forward(sample), 2),
        *rows,
    ]
    return Section(f"forward{end}", f"Forward propagation{title}", content)


def _pictures(name: str, shape: tuple[int, ...], x: Array) -> Element:
    """The channels of an image, each from its lowest value, black, to its highest."""
    channels = x[: math.prod(shape)].reshape(shape)
    shown = [
        picture(as_gray(channel), f"{name}, channel {c}")
        for c, channel in enumerate(channels[:CHANNELS])
    ]
    rest = len(channels) - len(shown)
    more = element("span", f"and {rest} more", class_="soft") if rest else None
    return element("div", *shown, more, class_="pictures")


def _loss(
    sample: SampleTrace, trace: Trace, end: str, title: str, classes: Sequence[str]
) -> Section:
    label = not np.ndim(sample.y)
    pairs = [
        ("y", words.target_text(sample, classes) if label else words.entries(sample.y, MOST)),
        ("p = x(K)", words.entries(sample.p, MOST)),
        ("l", f"{sample.loss:.6g}"),
        ("dl/dp, equation 4", words.entries(sample.dl_dp, MOST)),
    ]
    content = [element("p", words.loss_words(trace.network.loss)), facts(pairs)]
    return Section(f"loss{end}", f"The loss{title}", content)


def _backward(sample: SampleTrace, end: str, title: str) -> Section:
    text = (
        "g = dl/dx(k), from the last layer to the first: dl/dw(k) = g dx(k)/dw(k) (equation 2) and "
        "dl/dx(k-1) = g dx(k)/dx(k-1) (equation 3), which is the next g."
    )
    met = [element("li", text) for text in words.kinks(sample)]
    cusps = [element("h3", "Cusps and ties that were met"), element("ul", *met)] if met else []
    content = [element("p", text), _grid(words.backward(sample), 2), *cusps]
    return Section(f"backward{end}", f"Back-propagation{title}", content)


def _layer(layer: LayerTrace, named: str | None) -> Element:
    """A layer, behind its name unless it is the one that was asked for."""
    content: list[Child] = [
        facts(
            [
                (name, f"{words.entries(v, MOST)} (norm {words.norm_text(v)})")
                for name, v in words.vectors(layer).items()
            ]
        )
    ]
    for name, matrix in words.matrices(layer).items():
        rows, columns = matrix.shape
        content.append(element("h4", f"{name}, {rows} x {columns}"))
        if max(rows, columns) <= MOST:
            cells = [[str(i), *map(words.number, row)] for i, row in enumerate(matrix, start=1)]
            content.append(grid(["", *map(str, range(1, columns + 1))], cells))
        else:
            share, norm = words.fraction_not_zero(matrix), words.norm_text(matrix)
            text = f"Too large to be shown: {share} of its entries are not 0, norm {norm}."
            content.append(element("p", text, class_="soft"))
    content += [element("p", text) for text in layer.kinks]
    title = f"{layer.name}, k = {layer.k}, x(k) of {words.size(layer.shape, layer.x)}"
    if named is None:
        return folded(title, *content)
    return element("div", element("h3", title), *content)


def _step(trace: Trace) -> Section:
    count = len(trace.samples)
    average = f"dL/dw is the average of dl/dw over {count} samples. " if count > 1 else ""
    content: list[Child] = [
        element("p", f"{average}w <- w - alpha dL/dw (equation 6), with alpha = {trace.alpha:g}."),
        _grid(words.step(trace), 1),
        facts(
            [
                ("largest step", words.arithmetic(trace)),
                ("loss", f"{trace.loss:.6g} before, {trace.loss_after:.6g} after"),
            ]
        ),
    ]
    return Section("step", "The step", content)


def _grid(table: words.Table, left: int) -> Element:
    made = grid(list(table), list(zip(*table.values(), strict=True)), left)
    return element("div", made, class_="whole")
