"""`cnntrain sweep`: trainings with every combination of some settings."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import exclude, json_option, set_option
from cnntrain.cli.sweep_options import SweepOptions, sweep_options
from cnntrain.text import pluralize


@click.command(short_help="Train with every combination of some settings.")
@click.argument("config", metavar="CONFIG|-")
@set_option
@click.option(
    "--over",
    multiple=True,
    metavar="KEY=V1,V2,...",
    help="Values of a key of the config; may be given several times.",
)
@click.option("--seeds", type=int, default=1, show_default=True, help="Trials of each combination.")
@sweep_options
@json_option
def sweep(
    config: str,
    overrides: tuple[str, ...],
    over: tuple[str, ...],
    seeds: int,
    how: SweepOptions,
    as_json: bool,
) -> int:
    """Train with every combination of the values given by --over, and compare.

    Each trial is an ordinary run in the sweep's directory; sweep.csv has a row a trial,
    sweep.json the combinations, the one with the lowest mean validation loss first.

    \b
    Example:
      cnntrain sweep digits.yaml --over batch_size=16,64 --over optimizer.momentum=0,0.9 --seeds 3
    """
    exclude("collect", "over")
    from cnntrain.cli.sweep_output import carry_out, groups_table, show
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweeps.baselines import look_ahead
    from cnntrain.sweeps.directory import SweepDirectory
    from cnntrain.sweeps.grid import grid_plan, grid_report, parse_over
    from cnntrain.sweeps.groups import groups
    from cnntrain.sweeps.runner import Outcome, Sweep

    settings = load_config(config, parse_overrides(overrides))
    default = Path("runs") / f"{settings.name}-sweep"
    directory = SweepDirectory(how.directory(default, settings))
    if how.collect:
        plan = directory.read_plan(settings)
    else:
        plan = grid_plan(settings, parse_over(over), seeds)

    def text(outcome: Outcome) -> str:
        found, warnings = groups(plan, outcome.results), outcome.report["warnings"]
        lines = [f"warning: {warning}" for warning in warnings]
        return "\n".join([groups_table(found, outcome.report["measure"]), *lines])

    made = Sweep(settings, plan, directory, look_ahead(settings, plan), grid_report)
    combinations = pluralize(len(plan.trials) // len(plan.seeds), "combination")
    about = f"{combinations} x {pluralize(len(plan.seeds), 'seed')}"
    outcome = carry_out(made, about, how, as_json)
    if outcome is not None:
        show(outcome, text, as_json)
    return 0
