"""Options, checks and output that the commands share."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from cnntrain.errors import StorageError, UsageError
from cnntrain.text import shown_path

Command = TypeVar("Command", bound=Callable[..., Any])

set_option: Callable[[Command], Command] = click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="Set a key of the config, such as batch_size=64 or layers.conv1.filters=8; VALUE is "
    "YAML.  May be given several times.",
)

json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line instead of text."
)


def exclude(option: str, *others: str) -> None:
    """Raise UsageError if an option was given together with one of the others.

    Options are named by their parameters.
    """
    context = click.get_current_context()

    def given(name: str | None) -> bool:
        return context.get_parameter_source(name or "") is ParameterSource.COMMANDLINE

    spelt = {p.name: p.opts[0] for p in context.command.params if given(p.name)}
    for other in others:
        if option in spelt and other in spelt:
            raise UsageError(f"{spelt[option]} cannot be combined with {spelt[other]}")


def write_new(path: str, text: str) -> None:
    """Write a new file.  Raises UsageError where it exists already, and StorageError."""
    from cnntrain.runs import durable

    try:
        durable.create(Path(path), text.encode())
    except FileExistsError:
        raise UsageError(f"{shown_path(path)} exists already (nothing was written)") from None


def emit(text: str) -> None:
    """Print a result on standard output.

    A reader that has gone away is no error.  Raises StorageError where the text cannot be written.
    """
    if sys.stdout is None:
        return
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        if not isinstance(error, BrokenPipeError):
            raise StorageError(f"cannot write to standard output: {error.strerror}") from None


def warn(messages: Iterable[str]) -> None:
    """Print warnings on standard error; a terminal that has vanished is no error."""
    for message in messages:
        with contextlib.suppress(OSError):
            click.echo(f"warning: {message}", err=True)


def emit_json(value: Any) -> None:
    """Print `value` as one line of JSON."""
    emit(json.dumps(value, allow_nan=False, ensure_ascii=False))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns two blanks apart, the first `left` aligned to the left, the others to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def loss_text(value: float | None) -> str:
    """A loss with four decimals, or four digits where decimals would hide it; "" for None."""
    if value is None:
        return ""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.3e}"


def percent(value: float | None) -> str:
    """A fraction as a percentage, "-" where there is none."""
    return "-" if value is None else f"{100 * value:.2f} %"
