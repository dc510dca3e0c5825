"""The options that `lr-sweep` and `sweep` share: how the trials are run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import exclude

if TYPE_CHECKING:
    from cnntrain.config import Config

Function = Callable[..., Any]


@dataclass(frozen=True)
class SweepOptions:
    """How to go about a sweep: the values of the options below."""

    jobs: int | None
    scheduler: str | None
    run: str | None
    resume: bool
    dry_run: bool
    print_commands: bool
    collect: str | None
    quiet: bool

    def directory(self, default: Path, config: Config) -> Path:
        """The sweep's directory; parts such as {seed} are filled in from `config`."""
        from cnntrain.config.source.templates import fill

        given = self.collect or self.run
        return Path(fill(given, config)) if given else default


OPTIONS = [
    click.option("--jobs", type=int, help="Trials at a time; one a core by default."),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run the trials on this Dask cluster.  Those under way when the sweep is interrupted "
        "save their state where the workers see its directory.",
    ),
    click.option("--run", metavar="DIR", help="The sweep's directory, by default below runs/."),
    click.option("--resume", is_flag=True, help="Run what is missing of the sweep in there."),
    click.option("--dry-run", is_flag=True, help="Print the plan and about how long it takes."),
    click.option("--print-commands", is_flag=True, help="Print one fit command a trial, run none."),
    click.option(
        "--collect", metavar="DIR", help="Make the tables of the sweep in DIR from what is there."
    ),
    click.option("--quiet", is_flag=True, help="Show no progress."),
]


def sweep_options(command: Function) -> Function:
    """Give a command these options; it takes them as `how`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        running = ("jobs", "scheduler", "resume")
        exclude("collect", *running, "run", "dry_run", "print_commands", "seeds")
        exclude("print_commands", "jobs", "scheduler", "dry_run", "as_json")
        exclude("scheduler", "jobs")
        how = SweepOptions(**{field.name: given.pop(field.name) for field in fields(SweepOptions)})
        return command(how=how, **given)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
