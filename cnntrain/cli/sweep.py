"""`cnntrain sweep`: trainings with every combination of some settings."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import emit, emit_json, json_option, set_option
from cnntrain.cli.sweep_options import How, sweep_options


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
    how: How,
    as_json: bool,
) -> int:
    """Train with every combination of the values given by --over, and compare.

    Each trial is an ordinary run in the sweep's directory; sweep.csv has a row a trial,
    sweep.json the combinations, the one with the lowest mean validation loss first.

    \b
    Example:
      cnntrain sweep digits.yaml --over batch_size=16,64 --over optimizer.momentum=0,0.9 --seeds 3
    """
    from cnntrain.cli.sweeping import carry_out, groups_table
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweep.directory import SweepDirectory
    from cnntrain.sweep.execute import look_ahead
    from cnntrain.sweep.grid import collect_grid, grid_plan, parse_over, run_grid
    from cnntrain.sweep.results import groups, measured_by, read_results

    settings = load_config(config, parse_overrides(overrides))
    directory = SweepDirectory(how.directory(Path("runs") / f"{settings.name}-sweep"))
    plan = directory.read_plan() if how.collect else grid_plan(settings, parse_over(over), seeds)
    start = look_ahead(settings, plan)
    report = carry_out(
        how,
        directory,
        settings,
        plan,
        f"{len(plan.trials) // len(plan.seeds)} combinations x {len(plan.seeds)} seeds",
        lambda jobs: start.estimate(plan, settings.epochs, jobs),
        lambda pool, watcher: run_grid(settings, plan, directory, pool, how.resume, watcher),
        lambda: collect_grid(plan, directory),
    )
    if report is None:
        return 0
    if as_json:
        emit_json(report)
    else:
        found = groups(plan, read_results(plan, directory.run, {}))
        emit(groups_table(found, measured_by(found)))
    return 0
