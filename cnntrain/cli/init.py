"""`cnntrain init`: configs to start from."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from cnntrain.cli.completion import starters as complete_starters
from cnntrain.cli.options import emit, write_new
from cnntrain.errors import UsageError
from cnntrain.files import read_text
from cnntrain.resources import bundled
from cnntrain.text import nearest, printable

OF_PICTURES = "images"  # the starter for them


@click.command(short_help="Print a config to start from.")
@click.argument("name", required=False, shell_complete=complete_starters)
@click.argument("directory", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which must be new.")
def init(name: str | None, directory: str | None, output: str | None) -> None:
    """Print the commented starter config NAME; without NAME, list all of them.

    A NAME that ends in .py is the script that makes the data of one.  `images` may be followed by
    your DIRECTORY with a folder of pictures for each class, which is then looked through.

    \b
    Examples:
      cnntrain init
      cnntrain init digits > digits.yaml
      cnntrain init images pictures > pictures.yaml
    """
    starters = starter_files()
    if name is None:
        emit("\n".join(f"{stem:17}{_summary(path)}" for stem, path in starters.items()))
        return
    if name not in starters:
        close = nearest(name, starters)
        hint = f"did you mean {close}? " if close else ""
        raise UsageError(
            f"no starter config {printable(name)} ({hint}there are {', '.join(starters)})"
        )
    text = read_text(starters[name])
    if directory is not None:
        if name != OF_PICTURES:
            raise UsageError(f"{name} takes no DIRECTORY (it is for {OF_PICTURES})")
        text = _filled_in(text, directory, here=output is None or len(Path(output).parts) == 1)
    if output is None:
        emit(text.rstrip("\n"))
        return
    write_new(output, text)


def _filled_in(text: str, directory: str, here: bool) -> str:
    """The starter for pictures with a directory, its parts and the number of its classes.

    here   whether the config will lie in the working directory, where relative paths start
    """
    from cnntrain.config.source import scalars
    from cnntrain.data.pictures.folders import list_folders

    found = list_folders(Path(directory))
    place = directory if here else os.path.realpath(directory)
    text = _instead(text, "directory: pictures", f"directory: {scalars.write(place)}")
    text = _instead(text, "units: 2}", f"units: {len(found.classes or ())}}}")
    for part in found.parts:
        text = re.sub(rf"^( +{part}:) 0\.1 ", r"\1 none", text, flags=re.MULTILINE)
    return text


def _instead(text: str, old: str, new: str) -> str:
    """`text` with `new` for `old`, and the comment behind it where it was, if there is room."""
    return re.sub(rf"{re.escape(old)}( +)", lambda m: new.ljust(len(m[0]) - 1) + " ", text, count=1)


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
