"""`cnntrain report`: runs as a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import runs as complete_runs
from cnntrain.cli.options import emit, emit_json, exclude, json_option
from cnntrain.errors import UsageError
from cnntrain.text import shown_path

if TYPE_CHECKING:
    from cnntrain.reports.page import Report


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
    the test of McNemar.  Of a sweep the page shows the measure over the settings.  A page that is
    there is replaced.

    \b
    Examples:
      cnntrain report runs/digits
      cnntrain report runs/digits runs/wide -o both.html
      cnntrain report runs/digits-lr-sweep
    """
    exclude("note", "runs", "split", "classes", "sample")
    if note is None and not runs:
        raise UsageError("nothing to report on (name a run, several, or a sweep)")
    if len(runs) > 1 and output is None:
        raise UsageError(f"{len(runs)} runs have no place for a page in common (name one with -o)")
    if png and figures is None:
        raise UsageError("--png needs --figures DIR")
    from cnntrain.reports import raster
    from cnntrain.reports.page import drawing
    from cnntrain.runs import durable

    if png:
        raster.matplotlib()  # before the work begins
    made = _made(runs, note, split, None if classes is None else classes.split(","), sample)
    page = Path(note or runs[0]) / "report.html" if output is None else Path(output)
    durable.write(page, made.html.encode())
    written = [page]
    if figures is not None:
        durable.make_folder(Path(figures))
        for figure in made.figures:
            written.append(Path(figures) / f"{figure.name}.svg")
            durable.write(written[-1], drawing(figure).encode())
            if png:
                written.append(written[-1].with_suffix(".png"))
                durable.write(written[-1], raster.png(figure))
    if as_json:
        emit_json({"report": str(page), "figures": [str(path) for path in written[1:]]})
    else:
        emit("\n".join(shown_path(path) for path in written))


def _made(
    runs: tuple[str, ...],
    note: str | None,
    split: str | None,
    classes: list[str] | None,
    sample: int | None,
) -> Report:
    """The report of what is named."""
    from cnntrain.runs.directory import RunDirectory

    if note is not None:
        from cnntrain.reports.note.report import note as claims

        return claims(note)
    of_sweep = len(runs) == 1 and RunDirectory(Path(runs[0])).holds_sweep()
    if (len(runs) > 1 or of_sweep) and (classes is not None or sample is not None):
        raise UsageError("--classes and --sample are for the report of one run")
    if len(runs) > 1:
        from cnntrain.reports.several.report import comparison

        return comparison(runs, split, _note)
    if of_sweep:
        from cnntrain.reports.several.report import sweep

        if split is not None:
            raise UsageError("--split does not apply to a sweep: its trials are not evaluated")
        return sweep(runs[0])
    from cnntrain.reports.report import report

    return report(runs[0], split, classes, sample)


def _note(text: str) -> None:
    click.echo(text, err=True)
