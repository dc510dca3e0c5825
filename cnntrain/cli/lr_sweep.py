"""`cnntrain lr-sweep`: short trainings with many learning rates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.completion import files
from cnntrain.cli.options import (
    check_result,
    exclude,
    force_option,
    json_option,
    set_option,
    warn,
    write_result,
)
from cnntrain.cli.sweep_options import SweepOptions, sweep_options
from cnntrain.errors import UsageError
from cnntrain.text import pluralize, printable, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweeps.lr import LrSweepResult
    from cnntrain.sweeps.plan import SweepPlan
    from cnntrain.sweeps.range_test import RangeTest
    from cnntrain.sweeps.runner import Outcome


def _number(name: str, kind: type, default: float, text: str) -> Callable[[Any], Any]:
    """An option that takes a number; --from and --to need names of their own in Python."""
    parameter = {"--from": "low", "--to": "high"}.get(name, name.strip("-"))
    metavar = "N" if kind is int else "RATE"
    return click.option(
        name, parameter, type=kind, metavar=metavar, default=default, show_default=True, help=text
    )


@click.command("lr-sweep", short_help="Find a learning rate by short trainings.")
@click.argument("config", metavar="CONFIG|-", shell_complete=files)
@set_option
@_number("--from", float, 1e-4, "The smallest rate.")
@_number("--to", float, 1.0, "The largest rate.")
@_number("--points", int, 9, "How many rates, with equal ratios.")
@click.option("--rates", metavar="A,B,...", help="These rates instead.")
@_number("--epochs", int, 2, "Epochs of each trial.")
@_number("--seeds", int, 3, "Trials of each rate.")
@sweep_options
@click.option("--range-test", is_flag=True, help="One run with a growing rate instead of trials.")
@_number("--steps", int, 100, "Steps of the range test.")
@click.option(
    "--apply",
    metavar="FILE",
    help="Write CONFIG with the suggested rate, and with what --set changes, to FILE.",
)
@force_option
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
    options: SweepOptions,
    range_test: bool,
    steps: int,
    apply: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Train shortly with each of several learning rates and seeds, and suggest a rate.

    "As large a learning rate as possible" (Section 4 of the note): the suggestion is the largest
    rate whose mean validation loss is within one standard error of the lowest; another measure on
    the validation part that early stopping monitors takes the place of the loss.  The key that is
    swept is learning_rate.initial, or learning_rate.maximum for one_cycle, and with phases that of
    the first.  Each trial is an ordinary run in DIR/trials; --epochs sets `epochs`, so that
    schedules that depend on it shrink with it.

    A trial has diverged if its loss became infinite or ended above that at w_0.  A rate is usable
    if each of its trials learned something: its loss ended at least 5 % below that at w_0, and
    below that of the best constant answer.

    --range-test is the quick way to a first guess (Smith 2015): in one run the rate grows from
    --from to --to, and the curve of the loss, which is kept in DIR/range.csv, is read.

    \b
    Examples:
      cnntrain lr-sweep digits.yaml --from 1e-3 --to 1 --points 7
      cnntrain lr-sweep digits.yaml --range-test --apply tuned.yaml
    """
    exclude("range_test", "points", "rates", "epochs", "seeds", "jobs", "scheduler", "resume")
    exclude("range_test", "dry_run", "print_commands", "collect")
    exclude("collect", "low", "high", "points", "rates", "epochs")
    exclude("rates", "low", "high", "points")
    exclude("apply", "dry_run", "print_commands")
    from cnntrain.config import load_config, parse_overrides

    changes = parse_overrides(overrides)
    settings, rated = load_config(config, changes), None
    warn(settings.warnings)
    if apply:
        from cnntrain.sweeps.apply import RatedConfig

        check_result(apply, force)
        rated = RatedConfig(config, changes, settings, Path(apply))
    result: LrSweepResult | RangeTest | None
    if range_test:
        from cnntrain.cli.range_test import run_range_test

        result = run_range_test(settings, low, high, steps, options, as_json)
    else:
        from cnntrain.sweeps.lr import lr_plan
        from cnntrain.sweeps.rates import check_rates, spaced_rates

        plan = None
        if not options.collect:
            tried = spaced_rates(low, high, points) if rates is None else check_rates(_parse(rates))
            plan = lr_plan(settings, tried, epochs, seeds)
        result = _sweep(settings, plan, options, as_json)
    if apply and rated and result and result.suggested_rate is not None:
        write_result(apply, rated.text(result.suggested_rate), force)
    return 0


def _sweep(
    config: Config, plan: SweepPlan | None, options: SweepOptions, as_json: bool
) -> LrSweepResult | None:
    """Carry out the plan, by default that of the sweep to collect, and show the result."""
    from cnntrain.cli.sweep_output import carry_out, show
    from cnntrain.sweeps.directory import SweepDirectory
    from cnntrain.sweeps.lr import check_lr_plan, default_directory, lr_result
    from cnntrain.sweeps.runner import Sweep

    directory = SweepDirectory(options.directory(default_directory(config), config))
    if plan is None:
        plan = directory.read_plan(config)
        try:
            check_lr_plan(config, plan)
        except UsageError as error:
            raise UsageError(f"{shown_path(directory.path)}: {error}") from None
    ((_, rates),) = plan.over.items()
    seeds, epochs = pluralize(len(plan.seeds), "seed"), pluralize(plan.fixed["epochs"], "epoch")
    about = f"{pluralize(len(rates), 'rate')} x {seeds}, {epochs} each"
    outcome = carry_out(Sweep(config, plan, directory, lr_result), about, options, as_json)
    return None if outcome is None else show(outcome, _text(plan, outcome), as_json)


def _parse(text: str) -> list[float]:
    """The numbers of --rates."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--rates {printable(text)}, expected numbers with commas between"
        ) from None


def _text(plan: SweepPlan, outcome: Outcome[LrSweepResult]) -> str:
    from cnntrain.cli.groups_table import best_of, groups_table
    from cnntrain.sweeps.groups import groups

    result, found = outcome.report, groups(outcome.results)
    rate, rules = result.suggested_rate, result.rules
    rows = [
        (best_of(result.measure), rules.lowest),
        ("largest within one standard error", rules.one_standard_error),
        ("smallest that diverged", rules.edge_of_divergence),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [
        f"{name.ljust(width)}  {'-' if value is None else f'{value:g}'}" for name, value in rows
    ]
    if rate is not None:
        lines.append(f"{'suggested rate'.ljust(width)}  {rate:g}  (*)")
    lines += [f"warning: {warning}" for warning in result.warnings]
    marked = next((group for group in found if group.settings[result.key] == rate), None)
    return "\n".join([groups_table(found, result.measure, marked), "", *lines])
