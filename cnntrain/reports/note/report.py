"""The report of the note: a section for each claim whose runs are there."""

from __future__ import annotations

from pathlib import Path

from cnntrain.errors import NotFoundError
from cnntrain.reports.markup import Child, element
from cnntrain.reports.note.claims import CLAIMS, Claim
from cnntrain.reports.note.trials import Trials
from cnntrain.reports.page import Report, Section, beside, folded, grid
from cnntrain.text import pluralize, shown_path

LEAD = "Carlo Tomasi, Training Convolutional Neural Networks (2021), on the digits:"


def note(path: str | Path) -> Report:
    """The report of the runs that `make note` left at `path`, a folder for each claim, a to h.

    Raises NotFoundError where there are none, CheckpointError where one is damaged.
    """
    found = [(claim, Trials.of(Path(path) / claim.letter)) for claim in CLAIMS]
    there = [(claim, trials) for claim, trials in found if trials.runs]
    if not there:
        raise NotFoundError(f"no runs of the note in {shown_path(path)} (make note leaves them)")
    count = sum(len(runs) for _, trials in there for runs in trials.runs.values())
    lead = f"{LEAD} {pluralize(count, 'run')}. The training risk is L_T (equation 1), a step of SGD"
    lead += " that of equation 6. Lines are means over seeds, bands one standard deviation to each"
    lead += " side; crosses at the upper edge are runs that diverged."
    sections = [_section(claim, trials) for claim, trials in there]
    return Report.of("The note's claims, measured", lead, sections)


def _section(claim: Claim, trials: Trials) -> Section:
    figures = [figure for figure in claim.figures(trials) if figure is not None]
    content: list[Child] = [element("p", claim.tried), beside(*figures)]
    header, *rows = trials.table("table.md") or [[]]
    if rows:
        content.append(folded("The numbers", grid(header, rows)))
    title = f"({claim.letter}) {claim.sentence}"
    return Section(f"claim-{claim.letter}", title, content, figures)
