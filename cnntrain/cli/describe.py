"""`cnntrain describe`: the layers of a network and their costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import emit, emit_json, engine_text, json_option, set_option, table, warn

if TYPE_CHECKING:
    from cnntrain.data import Dataset
    from cnntrain.data.sources.source import Fold
    from cnntrain.nn.inspect.layer_costs import LayerCost


@click.command(short_help="Show a network's layers and their costs.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@json_option
def describe(config: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Show the output shape, parameters, operations and memory of each layer, per sample: of a
    block with all that is in it.  Layers that start_from.freeze names are marked.

    \b
    Example:
      cnntrain describe digits.yaml --set layers.conv1.filters=32
    """
    from cnntrain.experiment import set_up, warnings
    from cnntrain.nn.inspect.layer_costs import layer_costs

    settings = load_target(config, overrides)
    dataset, network, batches = set_up(settings)
    warn(warnings(settings, dataset, batches))
    costs = layer_costs(network)
    total = {
        "parameters": sum(cost.parameters for cost in costs),
        "flops": sum(cost.flops for cost in costs),
        "bytes": sum(cost.bytes for cost in costs),
    }
    if as_json:
        emit_json(
            {
                "name": settings.name,
                "input_shape": list(dataset.input_shape),
                "outputs": dataset.outputs,
                "samples": {name: len(part) for name, part in dataset.parts.items()},
                "layers": [_plain(cost) for cost in costs],
                "total": total,
                "engine": network.engine.name,
                "engine_library": network.engine.library_text,
            }
        )
    else:
        about = (
            f"{settings.name}: inputs {_size(dataset.input_shape)}; per sample, forward pass, a "
            f"multiply-add as two flops\n{_parts(dataset, settings.data.fold)}"
        )
        emit(f"{about}\n\n{_table(costs, total)}\n\n{engine_text(network.engine)}")


def _parts(dataset: Dataset, fold: Fold | Literal["none"]) -> str:
    """How many samples each part has: "samples: 1,150 training, 288 validation (fold 1 of 5)"."""
    from cnntrain.data.examples import spoken

    counts = [
        f"{len(part):,} {spoken(name)}"
        + (
            f" (fold {fold.index + 1} of {fold.of})"
            if name == "validation" and fold != "none"
            else ""
        )
        for name, part in dataset.parts.items()
    ]
    return f"samples: {', '.join(counts)}"


def _table(costs: list[LayerCost], total: dict[str, int]) -> str:
    rows = [row for k, cost in enumerate(costs) for row in _rows(str(k), cost, cost.name, 0)]
    counts = (f"{total[key]:,}" for key in ("parameters", "flops", "bytes"))
    sums = ["", "total", "", "", *counts, ""]
    header = ["", "layer", "type", "output", "parameters", "flops", "bytes", ""]
    return table(header, [*rows, sums], left=3)


def _rows(number: str, cost: LayerCost, name: str, depth: int) -> Iterator[list[str]]:
    """A layer, and below it what it holds, under the names that these have in it."""
    counts = (f"{count:,}" for count in (cost.parameters, cost.flops, cost.bytes))
    mark = "frozen" if cost.frozen else ""
    yield [number, "  " * depth + name, cost.type, _size(cost.output), *counts, mark]
    for inner in cost.layers:
        yield from _rows("", inner, inner.name.removeprefix(f"{cost.name}/"), depth + 1)


def _plain(cost: LayerCost) -> dict[str, Any]:
    """For JSON: what a block holds is in it."""
    values = {**asdict(cost), "output": list(cost.output)}
    del values["layers"]
    return {**values, "layers": [_plain(inner) for inner in cost.layers]} if cost.layers else values


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(n) for n in shape)
