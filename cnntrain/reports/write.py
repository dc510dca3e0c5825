"""Reports as files: the page, and its figures one by one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cnntrain.comparison.compare import Skipped
from cnntrain.errors import UsageError
from cnntrain.reports import raster
from cnntrain.reports.page import Report, drawing
from cnntrain.reports.report import of_run
from cnntrain.reports.several.report import comparison, sweep
from cnntrain.runs.directory import RunDirectory
from cnntrain.storage import disk, durable
from cnntrain.text import argument


def report(
    runs: str | Path | Sequence[str | Path],
    file: str | Path | None = None,
    *,
    split: str | None = None,
    classes: Sequence[str | int] | None = None,
    sample: int | None = None,
    figures: str | Path | None = None,
    png: bool = False,
    skipped: Skipped | None = None,
) -> list[Path]:
    """Write one HTML page about a run, several runs compared, or a sweep; the files written.

    The page opens anywhere and loads nothing.  It is the first of the files, and replaces one that
    is there.

    runs     the path of a run or a sweep, or paths of runs
    file     the page; None: report.html in the directory, if there is one path
    split    the part of the data that is looked at: train, validation or test; None: validation,
             or where there is none test, or train
    classes  names or numbers of the two or three classes that the simplex shows; None: those that
             are confused most
    sample   index of the picture whose activations are shown; None: the surest mistake
    figures  a directory for each figure as NAME.svg
    png      whether NAME.png is to lie beside it, which needs Matplotlib
    skipped  of several paths, told about each that holds no run; without it, such a path is an
             error

    Raises NotFoundError where there is no run, CheckpointError where its files are damaged,
    UsageError where there is no such class or sample or what is asked for does not apply,
    StorageError, and with a `split` what `cnntrain.evaluate` raises.

    >>> page, *figures = cnntrain.report("runs/digits", figures="figures")
    >>> page.name, "losses.svg" in {figure.name for figure in figures}
    ('report.html', True)
    """
    paths = [runs] if isinstance(runs, str | os.PathLike) else list(runs)
    if not paths:
        raise UsageError("nothing to report on (name a run, several, or a sweep)")
    if len(paths) > 1 and file is None:
        raise UsageError(f"{len(paths)} runs have no place for a page in common (name its file)")
    page = Path(paths[0]) / "report.html" if file is None else Path(file)
    return save(lambda: _made(paths, split, classes, sample, skipped), page, figures, png)


def save(
    make: Callable[[], Report], page: Path, figures: str | Path | None = None, png: bool = False
) -> list[Path]:
    """Write what `make` makes, once it is clear that it can be written; see `report`."""
    if png and figures is None:
        raise UsageError(f"{argument('png', True)} needs {argument('figures')}")
    if png:
        raster.matplotlib()
    made, written = make(), [page]
    durable.write(page, made.html.encode())
    if figures is not None:
        disk.make_folder(Path(figures))
        for figure in made.figures:
            written.append(Path(figures) / f"{figure.name}.svg")
            durable.write(written[-1], drawing(figure).encode())
            if png:
                written.append(written[-1].with_suffix(".png"))
                durable.write(written[-1], raster.png(figure))
    return written


def _made(
    paths: Sequence[str | Path],
    split: str | None,
    classes: Sequence[str | int] | None,
    sample: int | None,
    skipped: Skipped | None,
) -> Report:
    of_sweep = len(paths) == 1 and RunDirectory(Path(paths[0])).holds_sweep()
    if len(paths) == 1 and not of_sweep:
        return of_run(paths[0], split, classes, sample)
    if classes is not None or sample is not None:
        both = f"{argument('classes')} and {argument('sample')}"
        raise UsageError(f"{both} are for the report of one run")
    if not of_sweep:
        return comparison(paths, split, skipped)
    if split is not None:
        told = "does not apply to a sweep: its trials are not evaluated"
        raise UsageError(f"{argument('split')} {told}")
    return sweep(paths[0])
