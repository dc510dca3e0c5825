"""The report of a run: all sections on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cnntrain.reports.evidence import Evidence
from cnntrain.reports.page import Report, Section
from cnntrain.reports.sections.classes import calibration, classes
from cnntrain.reports.sections.curves import curves
from cnntrain.reports.sections.layers_over_time import layers_over_time
from cnntrain.reports.sections.mistakes import mistakes
from cnntrain.reports.sections.network import layers
from cnntrain.reports.sections.plane import plane
from cnntrain.reports.sections.simplex import simplex
from cnntrain.reports.sections.step import step
from cnntrain.reports.sections.summary import summary
from cnntrain.reports.sections.thresholds import thresholds
from cnntrain.text import pluralize

SECTIONS: tuple[Callable[[Evidence], Section | None], ...] = (
    summary,
    curves,
    mistakes,
    classes,
    simplex,
    plane,
    layers,
    layers_over_time,
    step,
    calibration,
    thresholds,
)


def of_run(
    path: str | Path,
    split: str | None = None,
    classes: Sequence[str | int] | None = None,
    sample: int | None = None,
) -> Report:
    """The report of the run at `path`, with its best network measured on a part of its data.

    split    train, validation or test; None: validation, or where there is none test, or train
    classes  names or numbers of two or three classes that the simplex shows; None: those that are
             confused most
    sample   index of the picture whose activations are shown; None: the surest mistake

    Raises NotFoundError where there is no run, CheckpointError where its files are damaged, and
    with any of the others what `cnntrain.evaluate` raises, and UsageError where there is no such
    class or sample.
    """
    evidence = Evidence.of(path, split, classes, sample)
    sections = [section for make in SECTIONS if (section := make(evidence)) is not None]
    state = evidence.summary
    lead = f"{evidence.run.path}, {pluralize(state.epochs, 'epoch')}"
    return Report.of(evidence.run.config.name, lead, sections)
