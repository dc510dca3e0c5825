"""`cnntrain schedule`: the learning rate, without training."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cnntrain.cli.config_or_run import load_target
from cnntrain.cli.options import emit, set_option, table, warn

if TYPE_CHECKING:
    from cnntrain.optim.phases import RunningPhase

ROWS = 40  # of the table, at most
WIDTH = 40  # of the plot, in characters


@click.command(short_help="Show the learning rate, without training.")
@click.argument("config", metavar="CONFIG|RUN")
@set_option
@click.option("--csv", "as_csv", is_flag=True, help="Print every step as CSV.")
def schedule(config: str, overrides: tuple[str, ...], as_csv: bool) -> None:
    """Show the learning rate that CONFIG schedules, epoch by epoch.

    Plateaus cannot be foreseen: a rate that one would lower is shown unchanged, and a phase that
    one would end is shown up to the last epoch.

    \b
    Example:
      cnntrain schedule digits.yaml --set 'learning_rate={schedule: cosine, initial: 0.1}'
    """
    from cnntrain.experiment import set_up, warnings
    from cnntrain.optim.phases import running_phases

    settings = load_target(config, overrides)
    dataset, _, batches = set_up(settings)
    warn(warnings(settings, dataset, batches))
    phases = running_phases(settings.phase_at.values(), settings.epochs, batches.steps_per_epoch)
    rates = list(_rates(phases, settings.epochs, batches.steps_per_epoch))
    if as_csv:
        emit("step,epoch,phase,learning_rate")
        emit("\n".join(f"{step},{epoch},{phase},{rate!r}" for step, epoch, phase, rate in rates))
    else:
        emit(_text(rates, batches.steps_per_epoch))


def _rates(
    phases: list[RunningPhase], epochs: int, steps_per_epoch: int
) -> Iterator[tuple[int, int, int, float]]:
    """Step and epoch, from 1, number of the phase, and the rate of the step."""
    current, began = 0, 0
    for epoch in range(epochs):
        length = phases[current].epochs
        if length is not None and epoch - began >= length:
            current, began = current + 1, epoch
            if current == len(phases):
                return
        for batch in range(steps_per_epoch):
            t = ((epoch - began) * steps_per_epoch + batch) / steps_per_epoch
            step = epoch * steps_per_epoch + batch + 1
            yield step, epoch + 1, current + 1, phases[current].rate(t)


def _text(rates: list[tuple[int, int, int, float]], steps_per_epoch: int) -> str:
    """A line for each epoch, or for every so many and the last: first and last rate, and a bar."""
    largest = max(rate for *_, rate in rates)
    several = rates[-1][2] > 1
    last = len(rates) // steps_per_epoch - 1
    rows = []
    for epoch in (*range(0, last, max(1, math.ceil(last / (ROWS - 1)))), last):
        inside = rates[epoch * steps_per_epoch : (epoch + 1) * steps_per_epoch]
        bar = "#" * round(WIDTH * inside[0][3] / largest)
        phase = [str(inside[0][2])] if several else []
        ends = [f"{inside[0][3]:.4g}", f"{inside[-1][3]:.4g}"]
        rows.append([str(epoch + 1), *phase, *ends, f" {bar.ljust(WIDTH)}"])
    header = ["epoch", *(["phase"] if several else []), "first step", "last step", ""]
    return table(header, rows, left=0)
