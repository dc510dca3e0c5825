"""The report of a run: all sections on one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cnntrain.report.evidence import Evidence
from cnntrain.report.page import Report, Section
from cnntrain.report.sections.classes import calibration, classes
from cnntrain.report.sections.curves import curves
from cnntrain.report.sections.layers_over_time import layers_over_time
from cnntrain.report.sections.mistakes import mistakes
from cnntrain.report.sections.network import layers
from cnntrain.report.sections.simplex import simplex
from cnntrain.report.sections.step import step
from cnntrain.report.sections.summary import summary
from cnntrain.text import pluralize

SECTIONS: tuple[Callable[[Evidence], Section | None], ...] = (
    summary,
    curves,
    mistakes,
    classes,
    simplex,
    layers,
    layers_over_time,
    step,
    calibration,
)


def report(path: str | Path, split: str | None = None) -> Report:
    """The report of the run at `path`, with its best network measured on a part of its data.

    split   train, validation or test; None: validation, or where there is none test, or train

    Raises NotFoundError where there is no run, CheckpointError where its files are damaged, and
    with a `split` what `cnntrain.evaluate` raises.
    """
    evidence = Evidence.of(path, split)
    sections = [section for make in SECTIONS if (section := make(evidence)) is not None]
    state = evidence.summary
    lead = f"{evidence.run.path}, {pluralize(state.epochs, 'epoch')}, {state.status}"
    return Report.of(evidence.run.config.name, lead, sections)
