"""`cnntrain fetch`: well-known data sets, and the configs' sections for them."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from cnntrain.cli.layout import USUAL, Column, fitting, line_width, table_text
from cnntrain.cli.options import emit, emit_json, json_option, note
from cnntrain.errors import UsageError
from cnntrain.text import nearest, printable, shown_path

if TYPE_CHECKING:
    from cnntrain.fetch import DataSet, Fetched

MEGABYTE = 10**6


def _names(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    from cnntrain.fetch import CATALOGUE

    return [CompletionItem(name) for name in CATALOGUE if name.startswith(typed)]


@click.command(short_help="Get a well-known data set.")
@click.argument("name", required=False, shell_complete=_names)
@click.argument("directory", required=False, type=click.Path())
@click.option(
    "--mirror",
    metavar="URL",
    help="Take the files from another server: the address of the folder that has them.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Give a server up that sends nothing for so long.",
)
@click.option("--quiet", is_flag=True, help="No progress, only errors.")
@json_option
def fetch(
    name: str | None,
    directory: str | None,
    mirror: str | None,
    timeout: float,
    quiet: bool,
    as_json: bool,
) -> None:
    """Download the data set NAME to DIRECTORY, by default ./NAME, and print the section `data` of a
    config for it; without NAME, list the data sets.

    Size and SHA-256 of every file are known and checked. Files that are there already stay. Needs
    `pip install 'cnntrain[fetch]'`. Proxies are taken from the environment, as by curl.

    \b
    Examples:
      cnntrain fetch
      cnntrain fetch fashion-mnist data/fashion
      cnntrain fetch cifar10 --mirror http://files.example.org/cifar
    """
    from cnntrain import fetch as fetching

    known = fetching.CATALOGUE
    if name is None:
        _list(list(known.values()), as_json)
        return
    if name not in known:
        close = nearest(name, known)
        hint = f"did you mean {close}? " if close else ""
        raise UsageError(f"no data set {printable(name)} ({hint}there are {', '.join(known)})")
    if mirror is not None and not mirror.startswith(("http://", "https://")):
        raise UsageError(f"--mirror is {printable(mirror)}, expected http:// or https://")
    with _Bar(quiet) as bar:
        fetched = fetching.fetch(known[name], Path(directory or name), mirror, timeout, bar.show)
    if as_json:
        emit_json(
            {
                "name": name,
                "directory": fetched.directory,
                "files": list(fetched.files),
                "new": list(fetched.new),
                "data": dict(fetched.data),
            }
        )
        return
    if not fetched.new:
        note(f"{shown_path(fetched.directory)}: all files are there already")
    emit(_section(known[name], fetched))


def _list(known: list[DataSet], as_json: bool) -> None:
    if as_json:
        for entry in known:
            emit_json(
                {
                    "name": entry.name,
                    "bytes": entry.size,
                    "about": entry.about,
                    "licence": entry.licence,
                    "page": entry.page,
                }
            )
        return
    columns = [
        Column("name", [entry.name for entry in known], left=True),
        Column("content", [entry.about for entry in known], left=True),
        Column("licence", [entry.licence for entry in known], left=True, spare=1),
        Column("download", [f"{entry.size / MEGABYTE:,.0f} MB" for entry in known]),
    ]
    width = line_width()
    emit(table_text(fitting(columns, width) or columns, width))


def _section(entry: DataSet, fetched: Fetched) -> str:
    """What to put into a config."""
    from cnntrain.config.source.writer import to_yaml

    told = (
        f"{entry.name}: {entry.about}",
        f"cite: {entry.cite}",
        f"licence: {entry.licence}; {entry.page}",
    )
    comments = [
        textwrap.fill(text, USUAL, initial_indent="# ", subsequent_indent="#   ") for text in told
    ]
    return "\n".join([*comments, to_yaml({"data": dict(fetched.data)}).rstrip("\n")])


class _Bar:
    """How far each file is: a bar on a terminal, else a line when one begins."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.name = quiet, ""
        self.bar: Any = None

    def __enter__(self) -> _Bar:
        return self

    def show(self, name: str, done: int, total: int) -> None:
        if self.quiet or sys.stderr is None:
            return
        with contextlib.suppress(OSError, ValueError):
            if not sys.stderr.isatty():
                if name != self.name:
                    note(f"{name}: {total:,} bytes")
            elif name != self.name:
                self._begin(name, total)
            if self.bar is not None:
                self.bar.update(done - self.bar.n)
        self.name = name

    def _begin(self, name: str, total: int) -> None:
        from tqdm import tqdm

        self._end()
        self.bar = tqdm(
            total=total,
            desc=name,
            unit="B",
            unit_scale=True,
            file=sys.stderr,
            dynamic_ncols=True,
        )

    def _end(self) -> None:
        if self.bar is not None:
            self.bar.close()

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._end()
