"""`cnntrain report`: a run as a page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.completion import runs
from cnntrain.cli.options import emit, emit_json, json_option
from cnntrain.text import shown_path


@click.command(short_help="Show a run as a page: curves, mistakes, the network.")
@click.argument("run", metavar="RUN", shell_complete=runs)
@click.option(
    "-o", "--output", metavar="FILE", help="Write the page to FILE; default: RUN/report.html."
)
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    help="The part of the data that is looked at; default: validation where there is one.",
)
@click.option("--figures", metavar="DIR", help="Write each figure to a file DIR/NAME.svg, too.")
@json_option
def report(
    run: str, output: str | None, split: str | None, figures: str | None, as_json: bool
) -> None:
    """Write one HTML page about RUN, which opens anywhere and loads nothing.

    It shows how the run went and how good its best network is: curves, mistakes as pictures, the
    simplex, the layers and what they make of a picture, the loss along a gradient. A page that
    is there is replaced.

    \b
    Example:
      cnntrain report runs/digits
    """
    from cnntrain.report.page import drawing
    from cnntrain.report.report import report as make
    from cnntrain.runs import durable

    made = make(run, split)
    page = Path(run) / "report.html" if output is None else Path(output)
    durable.write(page, made.html.encode())
    written = [page]
    if figures is not None:
        durable.make_folder(Path(figures))
        for figure in made.figures:
            written.append(Path(figures) / f"{figure.name}.svg")
            durable.write(written[-1], drawing(figure).encode())
    if as_json:
        emit_json({"report": str(page), "figures": [str(path) for path in written[1:]]})
    else:
        emit("\n".join(shown_path(path) for path in written))
