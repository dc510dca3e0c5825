"""`cnntrain report`: runs as a page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.completion import runs as complete_runs
from cnntrain.cli.options import emit, emit_json, exclude, json_option
from cnntrain.text import shown_path


@click.command(short_help="Show runs as a page: curves, mistakes, the network.")
@click.argument("runs", nargs=-1, metavar="[RUN...]", shell_complete=complete_runs)
@click.option("--note", metavar="DIR", help="The note's claims, from what `make note` left in DIR.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the page to FILE; default: report.html in the directory, if it is one.",
)
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    help="The part of the data that is looked at; default: validation where there is one.",
)
@click.option(
    "--classes",
    metavar="A,B[,C]",
    help="The classes that the simplex shows, by name or number; default: those that are confused "
    "most.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    metavar="INDEX",
    help="The picture whose activations are shown; default: the surest mistake.",
)
@click.option("--figures", metavar="DIR", help="Write each figure to a file DIR/NAME.svg, too.")
@click.option("--png", is_flag=True, help="Write DIR/NAME.png beside it; needs the extra plot.")
@json_option
def report(
    runs: tuple[str, ...],
    note: str | None,
    output: str | None,
    split: str | None,
    classes: str | None,
    sample: int | None,
    figures: str | None,
    png: bool,
    as_json: bool,
) -> None:
    """Write one HTML page about RUN, which opens anywhere and loads nothing.

    It shows how the run went and how good its best network is: curves, mistakes as pictures, the
    simplex, the layers and what they make of a picture, the loss along a gradient.  Several runs
    are compared: curves over each other with bands over seeds, a table of settings and results,
    the test of McNemar.  Of a sweep the page shows the measure over the settings.  The pointer on
    a chart, or the arrow keys, read its values; a double click, or Enter, enlarges it.  A page that
    is there is replaced.

    \b
    Examples:
      cnntrain report runs/digits
      cnntrain report runs/digits runs/wide -o both.html
      cnntrain report runs/digits-lr-sweep
    """
    exclude("note", "runs", "split", "classes", "sample")
    from cnntrain.reports import write

    wanted = None if classes is None else classes.split(",")
    if note is not None:
        from cnntrain.reports.note.report import note as claims

        page = Path(note) / "report.html" if output is None else Path(output)
        written = write.save(lambda: claims(note), page, figures, png)
    else:
        written = write.report(
            runs,
            output,
            split=split,
            classes=wanted,
            sample=sample,
            figures=figures,
            png=png,
            skipped=lambda text: click.echo(text, err=True),
        )
    page, *drawn = written
    if as_json:
        emit_json({"report": str(page), "figures": [str(path) for path in drawn]})
    else:
        emit("\n".join(shown_path(path) for path in written))
