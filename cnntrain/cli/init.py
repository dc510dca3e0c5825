"""`cnntrain init`: configs to start from."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.completion import starters as complete_starters
from cnntrain.cli.options import emit, write_new
from cnntrain.errors import UsageError
from cnntrain.files import read_text
from cnntrain.resources import bundled
from cnntrain.text import nearest, printable


@click.command(short_help="Print a config to start from.")
@click.argument("name", required=False, shell_complete=complete_starters)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which must be new.")
def init(name: str | None, output: str | None) -> None:
    """Print the commented starter config NAME; without NAME, list all of them.

    A NAME that ends in .py is the script that makes the data of one.

    \b
    Examples:
      cnntrain init
      cnntrain init digits > digits.yaml
    """
    starters = starter_files()
    if name is None:
        emit("\n".join(f"{stem:16}{_summary(path)}" for stem, path in starters.items()))
        return
    if name not in starters:
        close = nearest(name, starters)
        hint = f"did you mean {close}? " if close else ""
        raise UsageError(
            f"no starter config {printable(name)} ({hint}there are {', '.join(starters)})"
        )
    text = read_text(starters[name])
    if output is None:
        emit(text.rstrip("\n"))
        return
    write_new(output, text)


def _summary(path: Path) -> str:
    """The first comment of a starter, or its docstring."""
    for line in read_text(path).splitlines():
        if line.startswith(("# ", '"""')):
            return line.strip('# "')
    return ""


def starter_files() -> dict[str, Path]:
    """The files of the starters by name."""
    folder = bundled("configs")
    found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found | {path.name: path for path in sorted(folder.glob("*.py"))}
