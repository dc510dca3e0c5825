"""`cnntrain lr-sweep`: short trainings with many learning rates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import exclude, json_option, set_option, write_new
from cnntrain.cli.sweep_options import SweepOptions, sweep_options
from cnntrain.errors import UsageError
from cnntrain.text import pluralize, printable, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweeps.plan import SweepPlan
    from cnntrain.sweeps.runner import Outcome


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
    how: SweepOptions,
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

    A trial has diverged if its loss became infinite, or ended above that at w_0.  A rate is usable
    if each of its trials learned something: its loss ended 5 % below that at w_0 and below that of
    the best constant answer.

    --range-test (Smith 2015) lets the rate grow from --from to --to in one run and reads the
    curve of the loss; nothing is kept but the curve, in DIR/range.csv.

    \b
    Example:
      cnntrain lr-sweep digits.yaml --from 1e-3 --to 1 --points 7
    """
    exclude("range_test", "points", "rates", "epochs", "seeds", "jobs", "scheduler", "resume")
    exclude("range_test", "dry_run", "print_commands", "collect")
    exclude("collect", "low", "high", "points", "rates", "epochs")
    exclude("rates", "low", "high", "points")
    exclude("apply", "dry_run", "print_commands")
    from cnntrain.config import load_config, parse_overrides

    settings = load_config(config, parse_overrides(overrides))
    if apply:
        _check_target(Path(apply))
    report: dict[str, Any] | None
    if range_test:
        from cnntrain.cli.range_test import show_range_test

        report = show_range_test(settings, low, high, steps, how, as_json)
    else:
        from cnntrain.sweeps.lr import lr_plan
        from cnntrain.sweeps.rates import check_rates, spaced_rates

        plan = None
        if not how.collect:
            spaced = spaced_rates(low, high, points) if rates is None else None
            plan = lr_plan(settings, spaced or check_rates(_numbers(rates or "")), epochs, seeds)
        report = _sweep(settings, plan, how, as_json)
    if apply and report is not None:
        _apply(settings, report, apply)
    return 0


def _sweep(
    config: Config, plan: SweepPlan | None, how: SweepOptions, as_json: bool
) -> dict[str, Any] | None:
    """Carry out the sweep, by default the one to be collected, and show what came of it."""
    from cnntrain.cli.sweep_output import carry_out, show
    from cnntrain.sweeps.baselines import look_ahead
    from cnntrain.sweeps.directory import SweepDirectory
    from cnntrain.sweeps.lr import default_directory, lr_report
    from cnntrain.sweeps.rates import rate_key
    from cnntrain.sweeps.runner import Sweep

    directory = SweepDirectory(how.directory(default_directory(config), config))
    if plan is None:
        plan = directory.read_plan(config)
        if list(plan.over) != [rate_key(config)]:
            place = shown_path(directory.path)
            raise UsageError(f"{place} holds no sweep over the learning rate of this config")
    ((_, tried),) = plan.over.items()
    seeds, epochs = pluralize(len(plan.seeds), "seed"), pluralize(plan.fixed["epochs"], "epoch")
    about = f"{pluralize(len(tried), 'rate')} x {seeds}, {epochs} each"
    sweep = Sweep(config, plan, directory, look_ahead(config, plan), lr_report)
    outcome = carry_out(sweep, about, how, as_json)
    if outcome is None:
        return None
    show(outcome, lambda outcome: _text(plan, outcome), as_json)
    return outcome.report


def _numbers(text: str) -> list[float]:
    """The rates of --rates."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--rates {printable(text)}, expected numbers with commas between"
        ) from None


def _check_target(path: Path) -> None:
    """Raise UsageError or StorageError unless --apply can write its file, before the trials."""
    from cnntrain.runs import durable

    if path.exists():
        raise UsageError(f"--apply: {shown_path(path)} exists and is left as it is")
    durable.probe(path.parent, 1)


def _apply(config: Config, report: dict[str, Any], path: str) -> None:
    """Write the config with the suggested rate, to a new file."""
    from cnntrain.config import dump
    from cnntrain.sweeps.plan import with_settings

    write_new(path, dump(with_settings(config, {report["key"]: report["suggested_rate"]})))


def _text(plan: SweepPlan, outcome: Outcome) -> str:
    from cnntrain.cli.sweep_output import groups_table
    from cnntrain.sweeps.groups import groups

    report, found = outcome.report, groups(plan, outcome.results)
    rules, rate = report["rules"], report["suggested_rate"]
    said = [
        ("lowest " + report["measure"].replace("_", " "), rules["lowest"]),
        ("largest within one standard error", rules["one_standard_error"]),
        ("smallest that diverged", rules["edge_of_divergence"]),
    ]
    width = max(len(name) for name, _ in said)
    lines = [f"{name.ljust(width)}  {'-' if rate is None else f'{rate:g}'}" for name, rate in said]
    if rate is not None:
        lines.append(f"{'suggested rate'.ljust(width)}  {rate:g}  (*)")
    lines += [f"warning: {warning}" for warning in report["warnings"]]
    marked = next((group for group in found if group.settings[0][1] == rate), None)
    return "\n".join([groups_table(found, report["measure"], marked), "", *lines])
