"""`cnntrain schedule`: the learning rate, without training."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from cnntrain.cli.completion import files
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import emit, emit_json, exclude, set_option, table, warn

if TYPE_CHECKING:
    from cnntrain.optim.phases import RunningPhase

COLUMNS = ("step", "epoch", "phase", "learning_rate")
ROWS = 40  # of the table, at most
WIDTH = 40  # of the plot, in characters


@click.command(short_help="Show the learning rate, without training.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@click.option("--csv", "as_csv", is_flag=True, help="Print every step as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a step.")
def schedule(config: str, overrides: tuple[str, ...], as_csv: bool, as_json: bool) -> None:
    """Show the learning rate that CONFIG schedules, epoch by epoch.

    Plateaus cannot be foreseen: a rate that one would lower is shown unchanged, and a phase that
    one would end is shown up to the last epoch.

    \b
    Example:
      cnntrain schedule digits.yaml --set 'learning_rate={schedule: cosine, initial: 0.1}'
    """
    exclude("as_csv", "as_json")
    from cnntrain.experiment import set_up, warnings
    from cnntrain.optim.phases import running_phases

    settings = load_target(config, overrides)
    dataset, _, batches = set_up(settings)
    warn(warnings(settings, dataset, batches))
    phases = running_phases(settings.phase_at.values(), settings.epochs, batches.steps_per_epoch)
    stretches = list(_stretches(phases, settings.epochs))
    if as_csv:
        emit(",".join(COLUMNS))
    if as_csv or as_json:
        for row in _steps(stretches, batches.steps_per_epoch):
            if as_csv:
                emit(",".join(map(repr, row)))
            else:
                emit_json(dict(zip(COLUMNS, row, strict=True)))
    else:
        emit(_text(stretches, batches.steps_per_epoch))


class Stretch(NamedTuple):
    """The epochs from `begin` to before `end`, both from 0, in which phase `number` is the current
    one."""

    number: int
    begin: int
    end: int
    phase: RunningPhase

    def rate(self, epoch: int, batch: int, steps_per_epoch: int) -> float:
        """The rate of a step, given by its epoch and its number there, both from 0."""
        return self.phase.rate(((epoch - self.begin) * steps_per_epoch + batch) / steps_per_epoch)


def _stretches(phases: list[RunningPhase], epochs: int) -> Iterator[Stretch]:
    begin = 0
    for number, phase in enumerate(phases, start=1):
        end = epochs if phase.epochs is None else min(begin + phase.epochs, epochs)
        if begin < end:
            yield Stretch(number, begin, end, phase)
        begin = end


def _steps(stretches: list[Stretch], steps_per_epoch: int) -> Iterator[tuple[int, int, int, float]]:
    """The values of COLUMNS for each step."""
    for stretch in stretches:
        for epoch in range(stretch.begin, stretch.end):
            for batch in range(steps_per_epoch):
                rate = stretch.rate(epoch, batch, steps_per_epoch)
                yield epoch * steps_per_epoch + batch + 1, epoch + 1, stretch.number, rate


def _text(stretches: list[Stretch], steps_per_epoch: int) -> str:
    """A line for each epoch, or for every so many and the last: first and last rate, and a bar."""
    last = stretches[-1].end - 1
    shown = []
    for epoch in (*range(0, last, max(1, math.ceil(last / (ROWS - 1)))), last):
        stretch = next(stretch for stretch in stretches if epoch < stretch.end)
        first, final = (stretch.rate(epoch, b, steps_per_epoch) for b in (0, steps_per_epoch - 1))
        shown.append((epoch + 1, stretch.number, first, final))
    largest = max(first for _, _, first, _ in shown) or 1.0
    several = stretches[-1].number > 1
    rows = []
    for epoch, number, first, final in shown:
        bar = "#" * round(WIDTH * (first / largest))
        phase = [str(number)] if several else []
        rows.append([str(epoch), *phase, f"{first:.4g}", f"{final:.4g}", f" {bar.ljust(WIDTH)}"])
    header = ["epoch", *(["phase"] if several else []), "first step", "last step", ""]
    return table(header, rows, left=0)
