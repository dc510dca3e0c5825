"""`cnntrain init`: a config to start from, or the script that makes its data."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import emit
from cnntrain.errors import StorageError, UsageError
from cnntrain.resources import bundled
from cnntrain.text import nearest, printable, shown_path


@click.command(short_help="Print a config to start from.")
@click.argument("name", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which must not exist yet.")
def init(name: str | None, output: str | None) -> None:
    """Print the starter config NAME, commented, or the script NAME that makes the data of one;
    without NAME, list them.

    \b
    Example:
      cnntrain init digits > digits.yaml
    """
    folder = bundled("configs")
    starters = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    starters |= {path.name: path for path in sorted(folder.glob("*.py"))}
    if name is None:
        emit("\n".join(f"{stem:16}{_summary(path)}" for stem, path in starters.items()))
        return
    if name not in starters:
        close = nearest(name, starters)
        hint = f"did you mean {close}? " if close else ""
        raise UsageError(
            f"no starter config {printable(name)} ({hint}there are {', '.join(starters)})"
        )
    text = starters[name].read_text(encoding="utf-8")
    if output is None:
        emit(text.rstrip("\n"))
        return
    try:
        with Path(output).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{shown_path(output)} exists already (nothing was written)") from None
    except OSError as error:
        raise StorageError(f"cannot write {shown_path(output)}: {error.strerror}") from None


def _summary(path: Path) -> str:
    """What a starter says of itself: its first comment meant for people, or first words."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("# ", '"""')) and "yaml-language-server" not in line:
            return line.strip('# "')
    return ""
