"""`cnntrain sweep`: trainings with every combination of some settings."""

from __future__ import annotations

import click

from cnntrain.cli.completion import files
from cnntrain.cli.options import exclude, json_option, set_option, warn
from cnntrain.cli.sweep_options import SweepOptions, sweep_options
from cnntrain.text import pluralize


@click.command(short_help="Train with every combination of some settings.")
@click.argument("config", metavar="CONFIG|-", shell_complete=files)
@set_option
@click.option(
    "--over",
    multiple=True,
    metavar="KEY=V1,V2,...",
    help="The values to try for a key of the config.  May be given several times.",
)
@click.option(
    "--seeds",
    type=int,
    metavar="N",
    default=1,
    show_default=True,
    help="Trials of each combination, with seeds from that of the config on.",
)
@click.option("--sort", metavar="COLUMN", help="Sort the table by a key, or by a measure.")
@sweep_options
@json_option
def sweep(
    config: str,
    overrides: tuple[str, ...],
    over: tuple[str, ...],
    seeds: int,
    sort: str | None,
    options: SweepOptions,
    as_json: bool,
) -> int:
    """Train with every combination of the values given by --over, and compare.

    Each trial is an ordinary run in DIR/trials.  DIR/sweep.csv has a row for each trial,
    DIR/sweep.json has the combinations, that with the lowest mean validation loss first, or with
    the best mean of another measure on the validation part that early stopping monitors.  Losses
    and errors are those at the best epoch.  Trials that differ in the fold of a cross-validation,
    as those that differ in the seed, are one combination.  --sort takes a key that is swept, n,
    diverged, train_loss, validation_loss, validation_error, train_risk or a metric.

    \b
    Examples:
      cnntrain sweep digits.yaml --over batch_size=16,64 --over optimizer.momentum=0,0.9 --seeds 3
      cnntrain sweep folds.yaml --over data.fold.index=0,1,2,3,4 --over batch_size=16,64
    """
    exclude("collect", "over")
    exclude("sort", "dry_run", "print_commands", "as_json")
    from cnntrain.cli.groups_table import groups_table
    from cnntrain.cli.sweep_output import carry_out, show
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweeps.directory import SweepDirectory
    from cnntrain.sweeps.grid import default_directory, grid_plan, grid_result, parse_over
    from cnntrain.sweeps.groups import by, check_column, groups
    from cnntrain.sweeps.plan import plan_warnings
    from cnntrain.sweeps.runner import Sweep

    settings = load_config(config, parse_overrides(overrides))
    directory = SweepDirectory(options.directory(default_directory(settings), settings))
    if options.collect:
        plan = directory.read_plan(settings)
    else:
        plan = grid_plan(settings, parse_over(over), seeds)
        warn(plan_warnings(settings, plan))
    if sort:
        check_column(sort, plan)
    combinations = pluralize(len(plan.trials) // plan.together, "combination")
    folds = f" x {pluralize(plan.folds, 'fold')}" if plan.folds else ""
    about = f"{combinations}{folds} x {pluralize(len(plan.seeds), 'seed')}"
    outcome = carry_out(Sweep(settings, plan, directory, grid_result), about, options, as_json)
    if outcome is not None:
        found = groups(outcome.results)
        if sort:
            found.sort(key=by(sort))
        warnings = [f"warning: {warning}" for warning in outcome.report.warnings]
        text = "\n".join([groups_table(found, outcome.report.measure), *warnings])
        show(outcome, text, as_json)
    return 0
