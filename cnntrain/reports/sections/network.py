"""The network: its layers, what the first of them looks for, and what becomes of one picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.part import PartSamples
from cnntrain.models.classification import mistakes
from cnntrain.nn.inspect.activations import activations
from cnntrain.nn.inspect.layer_costs import LayerCost, layer_costs
from cnntrain.nn.inspect.timing import layer_times
from cnntrain.nn.layers import Conv
from cnntrain.reports.evidence import Evidence, Trained
from cnntrain.reports.markup import Child, Element, element
from cnntrain.reports.page import Section, grid
from cnntrain.reports.png import as_gray, as_pixels, picture

Array = NDArray[Any]
MOST_KERNELS = 64
PASSES = 5  # that are timed
MOST_CHANNELS = 16
TIMES = (
    "Times are those of this report's machine, with one thread; layers without one are computed "
    "together with the layer above."
)
SMALL, KERNEL = 56.0, 40.0  # pixels of an activation and of a kernel on the screen
INDENT = "\u2003"  # an em space
MOST_LAYERS = 40  # whose activations are shown


def layers(evidence: Evidence) -> Section | None:
    """Layers with shapes, parameters and operations, the kernels of a first convolution, and the
    activations of one picture; None where there is no network."""
    network = evidence.network
    if network is None:
        return None
    content: list[Child] = [element("p", TIMES, class_="soft"), _table(network)]
    if len(network.model.network.input_shape) == 3 and network.model.network.input_shape[0] > 1:
        content += [*_kernels(network), *_picture(network, evidence.focus.sample)]
    return Section("network", "The network", content)


def _table(network: Trained) -> Element:
    costs, times = list(_flat(layer_costs(network.model.network), 0)), _times(network)
    flops = sum(cost.flops for _, cost in costs if not cost.layers) or 1
    rows: list[list[Child]] = [
        [
            INDENT * depth + cost.name,
            cost.type,
            " x ".join(str(n) for n in cost.output),
            f"{cost.parameters:,}" if cost.parameters else "",
            f"{100 * cost.flops / flops:.1f} %" if cost.flops and not cost.layers else "",
            times.get(cost.name, ""),
        ]
        for depth, cost in costs
    ]
    header = ["layer", "type", "output", "parameters", "operations", "time of a step"]
    return grid(header, rows, left=2)


def _times(network: Trained) -> dict[str, str]:
    """The share of each layer in the time of a step, here and with one thread; that of layers which
    the engine computes in one go stands with the first of them."""
    dataset, trained, batches = network.experiment
    positions = next(batches.batches(1))
    _, _, chunk = trained.chunks(len(positions))[0]
    samples = dataset.samples(dataset.train, positions[:chunk])
    times = layer_times(trained, network.model.w, samples, PASSES)
    total = sum(time.forward + time.backward for time in times)
    return {
        time.name.split(" + ")[0]: f"{100 * (time.forward + time.backward) / total:.1f} %"
        for time in times
    }


def _flat(costs: Iterable[LayerCost], depth: int) -> Iterable[tuple[int, LayerCost]]:
    """Layers and blocks, those in a block below it, with how deep they are."""
    for cost in costs:
        yield depth, cost
        yield from _flat(cost.layers, depth + 1)


def _kernels(network: Trained) -> Iterable[Child]:
    """The kernels of a convolution that sees the picture itself."""
    model = network.model
    first = next(
        (k for k, layer in enumerate(model.network.all_layers) if isinstance(layer, Conv)), None
    )
    if first is None or model.network.shapes[first] != model.network.shapes[0]:
        return
    name = model.network.names[first]
    weight = model.network.named_parameters(model.w)[f"{name}/weight"]
    yield element("h3", f"The kernels of {name}")
    low, high = float(weight.min()), float(weight.max())
    text = f"Black is {low:.3g}, white {high:.3g}."
    if len(weight) > MOST_KERNELS:
        text += f" The first {MOST_KERNELS} of {len(weight)}."
    yield element("p", text, class_="soft")
    shown = [
        picture(as_pixels(kernel.transpose(1, 2, 0), low, high), f"kernel {k}", KERNEL)
        for k, kernel in enumerate(weight[:MOST_KERNELS])
    ]
    yield element("div", *shown, class_="pictures")


def _picture(network: Trained, chosen: int | None) -> Iterable[Child]:
    """What every layer makes of a chosen sample, of the surest mistake, or of the first sample."""
    model, evaluated = network.model, network.evaluated
    k = chosen or 0
    if chosen is None and model.class_names is not None:
        k = next(iter(mistakes(evaluated.labels, evaluated.outputs).tolist()), 0)
    samples = PartSamples(evaluated.part, model.standardizer, np.array([k]))
    found = activations(model.network, model.w, samples, model.buffers)
    index = int(evaluated.part.indices[k])
    files = evaluated.part.examples.files
    name = f"sample {index} of the {evaluated.report.split} part" if files is None else files[index]
    bounds = evaluated.part.input_range
    x = evaluated.part.examples.x[index]
    raw = as_pixels(x, float(bounds.minimum), float(bounds.maximum))
    yield element("h3", f"What becomes of {name}")
    yield element(
        "p",
        "Each channel on a scale of its own, the lowest value black. "
        f"At most {MOST_CHANNELS} channels of a layer are shown.",
        class_="soft",
    )
    yield picture(raw, name, 2 * SMALL)
    for layer, output in list(found.items())[:MOST_LAYERS]:
        if output.ndim == 4 and output.shape[1] * output.shape[2] > 1:
            shown = [
                picture(as_gray(output[0, :, :, c]), f"{layer}, channel {c}", SMALL)
                for c in range(min(output.shape[-1], MOST_CHANNELS))
            ]
            size = " x ".join(str(n) for n in output.shape[1:])
            yield element("h4", f"{layer}: {size}")
            yield element("div", *shown, class_="pictures")
    yield from _product(network, samples, found)
    if model.class_names is not None:
        p = evaluated.outputs[k]
        order = (-p).argsort(kind="stable")[:10].tolist()
        rows = [[model.class_names[c], f"{p[c]:.4f}"] for c in order]
        yield element("h4", "The answer")
        yield grid(["class", "p"], rows)


def _product(network: Trained, samples: PartSamples, found: dict[str, Array]) -> Iterable[Child]:
    """One output of the first convolution, written out: patch x kernel, summed."""
    model = network.model
    layer, name = model.network.all_layers[0], model.network.names[0]
    if not isinstance(layer, Conv) or layer.groups > 1 or layer.dilation not in (1, (1, 1)):
        return
    x, _ = samples.chunk(0, 1, model.network.dtype)
    windows, output = layer.windows(model.network.shapes[0]), found[name][0]
    i, j, f = np.unravel_index(np.abs(output).argmax(), output.shape)
    (top, _, left, _), (high, wide) = windows.padding, windows.kernel
    padded = np.zeros((x.shape[0], *windows.padded), x.dtype)
    padded[:, top : top + x.shape[1], left : left + x.shape[2]] = x[..., 0]
    down, right = i * windows.stride[0], j * windows.stride[1]
    patch = padded[0, down : down + high, right : right + wide]
    weights = model.network.named_parameters(model.w)
    kernel = weights[f"{name}/weight"][f, 0]
    bias = float(weights[f"{name}/bias"][f]) if layer.bias else 0.0
    channels = x.shape[0]
    total = float((patch.astype(float) * kernel).sum())
    text = f"{total:.4g}" if channels == 1 else f"{total:.4g} from channel 0 of {channels}"
    yield element("h4", f"One output of {name} written out")
    yield element(
        "p",
        f"Filter {f} at row {i}, column {j}: the patch of the standardised picture times the "
        f"kernel, entry by entry, sums to {text}; the bias is {bias:.4g}; the output is "
        f"{float(output[i, j, f]):.4g}.",
    )
    yield element("div", _numbers(patch), element("span", "x"), _numbers(kernel), class_="product")


def _numbers(values: Array) -> Element:
    rows = [element("tr", *(element("td", f"{v:.2f}") for v in row)) for row in values]
    return element("table", element("tbody", *rows))
