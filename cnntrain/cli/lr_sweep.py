"""`cnntrain lr-sweep`: short trainings with many learning rates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import emit, emit_json, json_option, set_option
from cnntrain.cli.sweep_options import How, sweep_options
from cnntrain.errors import DivergedError, StorageError, UsageError
from cnntrain.text import printable

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweep.directory import SweepDirectory
    from cnntrain.sweep.plan import Plan
    from cnntrain.sweep.results import Result


@click.command("lr-sweep", short_help="Find a learning rate by short trainings.")
@click.argument("config", metavar="CONFIG|-")
@set_option
@click.option("--from", "low", type=float, default=1e-4, show_default=True, help="Smallest rate.")
@click.option("--to", "high", type=float, default=1.0, show_default=True, help="Largest rate.")
@click.option("--points", type=int, default=9, show_default=True, help="Rates, equal ratios apart.")
@click.option("--rates", metavar="A,B,...", help="These rates instead.")
@click.option("--epochs", type=int, default=2, show_default=True, help="Epochs of a trial.")
@click.option("--seeds", type=int, default=3, show_default=True, help="Trials of each rate.")
@sweep_options
@click.option("--range-test", is_flag=True, help="One run with a growing rate instead of trials.")
@click.option("--steps", type=int, default=100, show_default=True, help="Of the range test.")
@click.option("--apply", metavar="FILE", help="Write the config with the suggested rate to FILE.")
@json_option
def lr_sweep(
    config: str,
    overrides: tuple[str, ...],
    low: float,
    high: float,
    points: int,
    rates: str | None,
    epochs: int,
    seeds: int,
    how: How,
    range_test: bool,
    steps: int,
    apply: str | None,
    as_json: bool,
) -> int:
    """Train shortly with each of several learning rates and seeds, and suggest a rate.

    "As large a learning rate as possible" (Section 4 of the note): the suggestion is the largest
    rate whose mean validation loss is within one standard error of the lowest.  The rate swept is
    learning_rate.initial, the maximum of one_cycle, or that of the first phase.  Each trial is an
    ordinary run; --epochs sets `epochs`, so that schedules that depend on it shrink with it.

    --range-test (Smith 2015) lets the rate grow from --from to --to in one run and reads the
    curve of the loss; nothing is kept but the curve, in DIR/range.csv.

    \b
    Example:
      cnntrain lr-sweep digits.yaml --from 1e-3 --to 1 --points 7
    """
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweep.directory import SweepDirectory
    from cnntrain.sweep.lr import default_directory, lr_plan
    from cnntrain.sweep.plan import check_rates, rate_key, spaced_rates

    settings = load_config(config, parse_overrides(overrides))
    if apply and Path(apply).exists():
        raise UsageError(f"--apply: {printable(apply, 400)} exists and is left as it is")
    report: dict[str, Any] | None
    if range_test:
        from cnntrain.cli.range_test import show_range_test

        report = show_range_test(settings, low, high, steps, how.run, as_json)
    else:
        directory = SweepDirectory(how.directory(default_directory(settings)))
        if how.collect:
            plan = directory.read_plan()
            if list(plan.over) != [rate_key(settings)]:
                place = printable(directory.path, 400)
                raise UsageError(f"{place} holds no sweep over the learning rate of this config")
        else:
            tried = check_rates(_numbers(rates)) if rates else spaced_rates(low, high, points)
            plan = lr_plan(settings, tried, epochs, seeds)
        report = _sweep(settings, plan, directory, how, as_json)
    if apply and report is not None:
        _apply(settings, report, apply)
    return 0


def _sweep(
    config: Config, plan: Plan, directory: SweepDirectory, how: How, as_json: bool
) -> dict[str, Any] | None:
    """Carry out the sweep and show its tables, also where there is no usable rate."""
    from cnntrain.cli.sweeping import carry_out
    from cnntrain.sweep.execute import look_ahead
    from cnntrain.sweep.lr import collect_lr_sweep, run_lr_sweep
    from cnntrain.sweep.results import read_results

    start, epochs = look_ahead(config, plan), plan.fixed["epochs"]
    ((_, tried),) = plan.over.items()
    try:
        report = carry_out(
            how,
            directory,
            config,
            plan,
            f"{len(tried)} rates x {len(plan.seeds)} seeds, {epochs} epochs each",
            lambda jobs: start.estimate(plan, epochs, jobs),
            lambda pool, watcher: run_lr_sweep(
                config, plan, start, directory, pool, how.resume, watcher
            ),
            lambda: collect_lr_sweep(plan, start, directory),
        )
    except DivergedError:
        if not as_json:
            emit(_rates_table(plan, read_results(plan, directory.run, start.losses), None))
        raise
    if report is not None and as_json:
        emit_json(report)
    elif report is not None:
        emit(_text(plan, read_results(plan, directory.run, start.losses), report))
    return report


def _numbers(text: str) -> list[float]:
    """The rates of --rates."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--rates {printable(text)}, expected numbers with commas between"
        ) from None


def _apply(config: Config, report: dict[str, Any], path: str) -> None:
    """Write the config with the suggested rate, to a new file."""
    from cnntrain.config import dump
    from cnntrain.sweep.plan import with_settings

    text = dump(with_settings(config, {report["key"]: report["suggested_rate"]}))
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(f"cannot write {printable(path, 400)}: {error.strerror}") from None


def _rates_table(plan: Plan, results: list[Result], rate: float | None) -> str:
    from cnntrain.cli.sweeping import groups_table
    from cnntrain.sweep.results import groups, measured_by

    found = groups(plan, results)
    marked = next((group for group in found if group.settings[0][1] == rate), None)
    return groups_table(found, measured_by(found), marked)


def _text(plan: Plan, results: list[Result], report: dict[str, Any]) -> str:
    rules = report["rules"]
    said = [
        ("lowest " + report["measure"].replace("_", " "), rules["lowest"]),
        ("largest within one standard error", rules["one_standard_error"]),
        ("smallest that diverged", rules["edge_of_divergence"]),
    ]
    width = max(len(name) for name, _ in said)
    lines = [f"{name.ljust(width)}  {'-' if rate is None else f'{rate:g}'}" for name, rate in said]
    lines += [f"{'suggested rate'.ljust(width)}  {report['suggested_rate']:g}  (*)"]
    lines += [f"warning: {warning}" for warning in report["warnings"]]
    return "\n".join([_rates_table(plan, results, report["suggested_rate"]), "", *lines])
