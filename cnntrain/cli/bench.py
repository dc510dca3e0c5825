"""`cnntrain bench`: the time that the layers of a network take on this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import files
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import emit, emit_json, engine_text, json_option, set_option, table

if TYPE_CHECKING:
    from cnntrain.nn.inspect.timing import LayerTime


@click.command(short_help="Time a network's layers and a training step.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@click.option(
    "--passes",
    type=click.IntRange(min=1),
    metavar="N",
    default=10,
    show_default=True,
    help="Take the median of N passes.",
)
@json_option
def bench(config: str, overrides: tuple[str, ...], passes: int, as_json: bool) -> None:
    """Time each layer, forward and backward, and a training step.

    A layer is timed on one chunk of samples with one thread, the step on a whole batch with all
    threads.

    \b
    Example:
      cnntrain bench digits.yaml --set batch_size=128
    """
    from cnntrain.experiment import set_up
    from cnntrain.nn.inspect.timing import layer_times, step_seconds

    settings = load_target(config, overrides)
    dataset, network, batches = set_up(settings)
    positions = next(iter(batches.batches(1)))
    batch = dataset.batch(positions, epoch=1)
    _, _, chunk = network.chunks(len(batch))[0]
    first = dataset.samples(dataset.train, positions[:chunk])
    w = network.initial_parameters(settings.seed)
    times = layer_times(network, w, first, passes)
    seconds = step_seconds(network, w, batch, passes)
    speed = len(batch) / seconds
    if as_json:
        emit_json(
            {
                "chunk": chunk,
                "layers": [asdict(time) for time in times],
                "batch_size": len(batch),
                "workers": network.workers.count,
                "engine": network.engine.name,
                "engine_library": network.engine.library_text,
                "step_seconds": seconds,
                "samples_per_second": speed,
            }
        )
        return
    emit(
        f"{_table(times)}\n\n"
        f"{engine_text(network.engine)}\n"
        f"layers: one chunk of {chunk} samples, one thread\n"
        f"step:   {1000 * seconds:.2f} ms for {len(batch):,} samples, "
        f"{network.workers.count} threads: {speed:,.0f} samples a second"
    )


def _table(times: list[LayerTime]) -> str:
    rows = [
        [
            time.name,
            time.engine,
            f"{1000 * time.forward:.3f}",
            f"{1000 * time.backward:.3f}",
            f"{time.flops_per_second / 1e9:.1f}",
        ]
        for time in times
    ]
    sums = [1000 * sum(getattr(time, way) for time in times) for way in ("forward", "backward")]
    total = ["total", "", *(f"{value:.3f}" for value in sums), ""]
    header = ["layer", "engine", "forward ms", "backward ms", "GFLOP/s forward"]
    return table(header, [*rows, total], left=2)
