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
    """The values of the options below."""

    jobs: int | None
    scheduler: str | None
    run: str | None
    resume: bool
    dry_run: bool
    print_commands: bool
    collect: str | None
    quiet: bool

    def directory(self, default: Path, config: Config) -> Path:
        """The sweep's directory, with parts such as {seed} filled in from `config`."""
        from cnntrain.config.templates import fill

        given = self.collect or self.run
        return Path(fill(given, config)) if given else default


OPTIONS = [
    click.option("--run", metavar="DIR", help="The sweep's directory, by default below runs/."),
    click.option("--resume", is_flag=True, help="Complete the sweep that is in DIR."),
    click.option(
        "--jobs", type=int, metavar="N", help="Trials at a time, by default one per core."
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run the trials on the Dask cluster at ADDRESS, such as tcp://host:8786.",
    ),
    click.option("--dry-run", is_flag=True, help="Print the trials and about how long they take."),
    click.option(
        "--print-commands", is_flag=True, help="Print a fit command for each trial, and run none."
    ),
    click.option(
        "--collect", metavar="DIR", help="Make the tables of the sweep in DIR from its runs."
    ),
    click.option("--quiet", is_flag=True, help="Show no progress."),
]


def sweep_options(command: Function) -> Function:
    """Give a command these options, as its argument `options`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        running = ("jobs", "scheduler", "resume")
        exclude("collect", *running, "run", "dry_run", "print_commands", "seeds")
        exclude("print_commands", "jobs", "scheduler", "dry_run", "as_json")
        exclude("scheduler", "jobs")
        values = {field.name: given.pop(field.name) for field in fields(SweepOptions)}
        return command(options=SweepOptions(**values), **given)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
