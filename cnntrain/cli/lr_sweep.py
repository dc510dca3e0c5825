"""`cnntrain lr-sweep`: short trainings with many learning rates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import emit, emit_json, json_option, set_option
from cnntrain.errors import CnntrainError, StorageError, UsageError
from cnntrain.text import printable

if TYPE_CHECKING:
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
@click.option("--jobs", type=int, help="Trials at a time; one a core by default.")
@click.option("--scheduler", metavar="ADDRESS", help="Run the trials on this Dask cluster.")
@click.option("--run", metavar="DIR", help="The sweep's directory; runs/NAME-lr-sweep by default.")
@click.option("--resume", is_flag=True, help="Run what is missing of the sweep in the directory.")
@click.option("--dry-run", is_flag=True, help="Print the plan and about how long it takes.")
@click.option("--print-commands", is_flag=True, help="Print one fit command a trial, run none.")
@click.option("--collect", is_flag=True, help="Make the tables from the runs that are there.")
@click.option("--range-test", is_flag=True, help="One run with a growing rate instead of trials.")
@click.option("--steps", type=int, default=100, show_default=True, help="Of the range test.")
@click.option("--apply", metavar="FILE", help="Write the config with the suggested rate to FILE.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
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
    jobs: int | None,
    scheduler: str | None,
    run: str | None,
    resume: bool,
    dry_run: bool,
    print_commands: bool,
    collect: bool,
    range_test: bool,
    steps: int,
    apply: str | None,
    quiet: bool,
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
    from cnntrain.cli.sweeping import Shown, commands, duration
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweep.directory import SweepDirectory
    from cnntrain.sweep.execute import Watcher, check_jobs, cluster, local, look_ahead
    from cnntrain.sweep.lr import collect_lr_sweep, default_directory, lr_plan, run_lr_sweep
    from cnntrain.sweep.plan import check_rates, spaced_rates
    from cnntrain.sweep.results import read_results

    settings, count = load_config(config, parse_overrides(overrides)), check_jobs(jobs)
    tried = spaced_rates(low, high, points) if rates is None else check_rates(_numbers(rates))
    if apply and Path(apply).exists():
        raise UsageError(f"--apply: {printable(apply, 400)} exists and is left as it is")
    if range_test:
        from cnntrain.cli.range_test import show_range_test

        report = show_range_test(settings, low, high, steps, run, as_json)
        if apply:
            _apply(settings, report, apply)
        return 0
    plan = lr_plan(settings, tried, epochs, seeds)
    directory = SweepDirectory(Path(run) if run else default_directory(settings))
    start = look_ahead(settings, plan)
    if print_commands:
        with directory.claim():
            directory.begin(settings, plan, resume)
        emit(commands(directory, plan))
        return 0
    watcher, pool = (
        Watcher() if quiet else Shown(),
        cluster(scheduler) if scheduler else local(count),
    )
    watcher.note(
        f"{printable(directory.path, 400)}: {len(tried)} rates x {seeds} seeds, {epochs} epochs "
        f"each, {count} at a time, about {duration(start.estimate(plan, epochs, count))}"
    )
    if dry_run:
        emit("\n".join(trial.name for trial in plan.trials))
        return 0
    try:
        if collect:
            report = collect_lr_sweep(plan, start, directory)
        else:
            report = run_lr_sweep(settings, plan, start, directory, pool, resume, watcher)
    except CnntrainError:
        if directory.json.exists() and not as_json:
            emit(_rates_table(plan, read_results(plan, directory.run, start.losses), None))
        raise
    if as_json:
        emit_json(report)
    else:
        emit(_text(plan, read_results(plan, directory.run, start.losses), report))
    if apply:
        _apply(settings, report, apply)
    return 0


def _numbers(text: str) -> list[float]:
    """The rates of --rates."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--rates {printable(text)}, expected numbers with commas between"
        ) from None


def _apply(config: Any, report: dict[str, Any], path: str) -> None:
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
