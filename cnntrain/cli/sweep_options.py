"""The options that `lr-sweep` and `sweep` share: how the trials are run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

Function = Callable[..., Any]


@dataclass(frozen=True)
class How:
    """How to go about a sweep: the values of the options below."""

    jobs: int | None
    scheduler: str | None
    run: str | None
    resume: bool
    dry_run: bool
    print_commands: bool
    collect: str | None
    quiet: bool

    def directory(self, default: Path) -> Path:
        """The sweep's directory."""
        return Path(self.collect or self.run or default)


OPTIONS = [
    click.option("--jobs", type=int, help="Trials at a time; one a core by default."),
    click.option("--scheduler", metavar="ADDRESS", help="Run the trials on this Dask cluster."),
    click.option("--run", metavar="DIR", help="The sweep's directory, by default below runs/."),
    click.option("--resume", is_flag=True, help="Run what is missing of the sweep in there."),
    click.option("--dry-run", is_flag=True, help="Print the plan and about how long it takes."),
    click.option("--print-commands", is_flag=True, help="Print one fit command a trial, run none."),
    click.option("--collect", metavar="DIR", help="Make the tables of the sweep in DIR anew."),
    click.option("--quiet", is_flag=True, help="Show no progress."),
]


def sweep_options(command: Function) -> Function:
    """Give a command these options; it takes them as `how`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        how = How(**{field.name: given.pop(field.name) for field in fields(How)})
        return command(how=how, **given)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
