"""Options, checks and output that the commands share."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from cnntrain.errors import DataError, StorageError, UsageError
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.nn.engines.engine import Engine

Command = TypeVar("Command", bound=Callable[..., Any])


def _keys(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    from cnntrain.cli.completion import keys

    return keys(context, parameter, typed)


set_option: Callable[[Command], Command] = click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=_keys,
    help="Set a key of the config, such as batch_size=64 or layers.conv1.filters=8; VALUE is "
    "YAML.  May be given several times.",
)

json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line instead of text."
)

strict_option: Callable[[Command], Command] = click.option(
    "--strict", is_flag=True, help="Take a warning for an error (exit 3)."
)


flip_option: Callable[[Command], Command] = click.option(
    "--flip/--no-flip",
    default=None,
    help="Average outputs over each image and its mirror image, or take those of the image.  "
    "[default: evaluate.flip of the config]",
)


force_option: Callable[[Command], Command] = click.option(
    "--force", is_flag=True, help="Replace the file to write if it exists."
)

weights_option: Callable[[Command], Command] = click.option(
    "--weights",
    type=click.Choice(["auto", "own", "average"]),
    default="auto",
    show_default=True,
    help="With average in the config: w itself (own) or its average over the steps; auto: the "
    "better one on the validation part.",
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


def write_new(path: str, content: str | bytes) -> None:
    """Write a new file.  Raises UsageError where it exists already, and StorageError."""
    from cnntrain.storage import durable

    try:
        durable.create(Path(path), _encoded(content))
    except FileExistsError:
        raise UsageError(f"{shown_path(path)} exists already (nothing was written)") from None


def check_result(path: str, force: bool) -> None:
    """Raise UsageError where `write_result` would refuse to write, before a long calculation."""
    from cnntrain.runs import results

    results.check_result(path, force)


def write_result(path: str, content: str | bytes, force: bool) -> None:
    """Write a file that the user has asked for, never among the files of a run or a sweep.

    force   whether to replace a file that is there

    Raises UsageError where it exists or may not be there, StorageError where it cannot be written.
    """
    from cnntrain.storage import durable

    check_result(path, force)
    if force:
        durable.write(Path(path), _encoded(content))
    else:
        write_new(path, content)


def _encoded(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def warn(warnings: Iterable[str], strict: bool = False) -> None:
    """Print warnings on standard error; `strict`: raise DataError for the first of them."""
    for message in warnings:
        if strict:
            raise DataError(printable(message, 400))
        note(f"warning: {message}")


def note(message: str) -> None:
    """Print a line on standard error, where there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            click.echo(printable(message, 410), err=True)


def emit(text: str) -> bool:
    """Print a result on standard output; False where the reader has gone away, which is no error.

    Raises StorageError where the text cannot be written.
    """
    if sys.stdout is None:
        return True
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError) and not _is_terminal_that_vanished(error):
            raise StorageError(f"cannot write to standard output: {error.strerror}") from None
        return False
    return True


def _is_terminal_that_vanished(error: OSError) -> bool:
    """Of an error of standard output.  Of a file, the same number is a disk that fails."""
    return error.errno == errno.EIO and stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)


def json_text(value: Any) -> str:
    """`value` as one line of JSON; in ASCII where a terminal could be steered by what is in it, or
    where a name is no text in UTF-8."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value, allow_nan=False)


def emit_json(value: Any) -> None:
    """Print `value` as one line of JSON."""
    emit(json_text(value))


def engine_text(engine: Engine) -> str:
    """Which engine computes, with which library, and why no other."""
    text = f"engine: {engine.name}, {printable(engine.library_text, 1000)}"
    indent = len("engine: ") * " "
    return textwrap.fill(text, 100, subsequent_indent=indent, break_on_hyphens=False)


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
