"""`cnntrain sweep`: trainings with every combination of some settings."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import emit, emit_json, json_option, set_option
from cnntrain.text import printable


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
@click.option("--jobs", type=int, help="Trials at a time; one a core by default.")
@click.option("--scheduler", metavar="ADDRESS", help="Run the trials on this Dask cluster.")
@click.option("--run", metavar="DIR", help="The sweep's directory; runs/NAME-sweep by default.")
@click.option("--resume", is_flag=True, help="Run what is missing of the sweep in the directory.")
@click.option("--dry-run", is_flag=True, help="Print the plan and about how long it takes.")
@click.option("--print-commands", is_flag=True, help="Print one fit command a trial, run none.")
@click.option("--collect", is_flag=True, help="Make the tables from the runs that are there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def sweep(
    config: str,
    overrides: tuple[str, ...],
    over: tuple[str, ...],
    seeds: int,
    jobs: int | None,
    scheduler: str | None,
    run: str | None,
    resume: bool,
    dry_run: bool,
    print_commands: bool,
    collect: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Train with every combination of the values given by --over, and compare.

    Each trial is an ordinary run in the sweep's directory; sweep.csv has a row a trial,
    sweep.json the combinations, the one with the lowest mean validation loss first.

    \b
    Example:
      cnntrain sweep digits.yaml --over batch_size=16,64 --over optimizer.momentum=0,0.9 --seeds 3
    """
    from cnntrain.cli.sweeping import Shown, commands, duration, groups_table
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.sweep.directory import SweepDirectory
    from cnntrain.sweep.execute import Watcher, check_jobs, cluster, local, look_ahead
    from cnntrain.sweep.grid import collect_grid, grid_plan, parse_over, run_grid
    from cnntrain.sweep.results import groups, measured_by, read_results

    settings, count = load_config(config, parse_overrides(overrides)), check_jobs(jobs)
    plan = grid_plan(settings, parse_over(over), seeds)
    directory = SweepDirectory(Path(run) if run else Path("runs") / f"{settings.name}-sweep")
    if print_commands:
        with directory.claim():
            directory.begin(settings, plan, resume)
        emit(commands(directory, plan))
        return 0
    watcher, pool = (
        Watcher() if quiet else Shown(),
        cluster(scheduler) if scheduler else local(count),
    )
    start = look_ahead(settings, plan)
    watcher.note(
        f"{printable(directory.path, 400)}: {len(plan.trials) // seeds} combinations x {seeds} "
        f"seeds, {count} at a time, about "
        f"{duration(start.estimate(plan, settings.epochs, count))}"
    )
    if dry_run:
        emit("\n".join(trial.name for trial in plan.trials))
        return 0
    if collect:
        report = collect_grid(plan, directory)
    else:
        report = run_grid(settings, plan, directory, pool, resume, watcher)
    if as_json:
        emit_json(report)
    else:
        found = groups(plan, read_results(plan, directory.run, {}))
        emit(groups_table(found, measured_by(found)))
    return 0
