"""The sections of a comparison: what is compared, curves over each other, results in a table."""

from __future__ import annotations

from cnntrain.comparison.estimate_text import estimate_text
from cnntrain.comparison.folds import title
from cnntrain.comparison.setting_text import setting_text
from cnntrain.comparison.summarize import Entry
from cnntrain.metrics import MEASURES
from cnntrain.reports.markup import Child, Element, element
from cnntrain.reports.page import Section, beside, facts, folded, grid
from cnntrain.reports.several.cohort import MOST, Cohort
from cnntrain.reports.several.group import overlaid
from cnntrain.reports.shapes import Points
from cnntrain.text import pluralize

WIDEST = 24  # characters of a setting that are always shown
OTHERS = ("epochs", "best_epoch", "parameters", "seconds")  # results that are no measures


def overview(cohort: Cohort) -> Section:
    """How many runs, which of them are the best, and warnings."""
    best, comparison = cohort.ranked[0], cohort.comparison
    found = cohort.records[cohort.best_run(best)]
    names = cohort.names
    known: list[tuple[str, Child]] = [
        ("compared", _count(cohort)),
        ("differ in", ", ".join(comparison.settings) or "name and seed alone"),
        ("judged by", f"{MEASURES[cohort.measure].name} at the best epoch"),
        ("best group", f"{names[best.label]} ({_at(best, cohort.measure)})"),
    ]
    if found.best_epoch is not None:
        known.append(("best run", f"{found.path}, epoch {found.best_epoch}"))
    notes = [element("p", f"Warning: {text}", class_="warning") for text in comparison.warnings]
    return Section("overview", "Overview", [facts(known), *notes])


def lead(cohort: Cohort) -> str:
    """What is compared, in a few words."""
    return _count(cohort)


def curves(cohort: Cohort) -> Section | None:
    """Each measure of all groups by epoch, and the learning rate; None before the first epoch."""
    groups = cohort.groups()
    columns = [*MEASURES, "learning_rate"]
    charts = [
        chart
        for column in columns
        if (chart := overlaid(column, column, _title(column), groups, _format(column))) is not None
    ]
    if not charts:
        return None
    text = "Lines are means over the runs of a group, and bands one standard deviation to each side"
    text += ", as far as all of them go; from there on, thin lines are single runs."
    if cohort.comparison.folded and (what := title([entry.folds for entry in cohort.shown])):
        text += f" Of a cross-validation: {what}."
    if all(entry.n == 1 for entry in cohort.shown):
        text = "Each line is one run."
    text += " Rings are the best epochs of runs, their early-stopping points."
    if any(isinstance(curve, Points) for chart in charts for curve in chart.curves):
        text += " Crosses at the upper edge are losses off the scale."
    if len(cohort.ranked) > MOST:
        text += f" Drawn are the best {MOST} groups by {MEASURES[cohort.measure].name};"
        text += f" the table has all {len(cohort.ranked)}."
    return Section("curves", "Curves", [element("p", text), beside(*charts)], charts)


def results(cohort: Cohort) -> Section:
    """A row a group: settings that differ, how many runs, and their results."""
    comparison, names = cohort.comparison, cohort.names
    measured = [name for name in comparison.results if name not in OTHERS]
    shown = [*measured, *OTHERS]
    header = ["group", *comparison.settings, "n", "status"]
    header += [_title(name) if name in MEASURES else name.replace("_", " ") for name in shown]
    rows: list[list[Child]] = []
    for entry in cohort.ranked:
        cells: list[Child] = [element("span", names[entry.label], title=entry.label)]
        cells += [_setting(key, value) for key, value in entry.settings.items()]
        cells += [_number(entry.n, str(entry.n)), entry.status]
        for name in shown:
            estimate = entry.estimate(name)
            cells.append(_number(estimate.mean, estimate_text(estimate, name)))
        rows.append(cells)
    text = "Measures are those of the early-stopping point, means ± standard deviations over the"
    text += " runs of a group. The best stand first; a title sorts by its column."
    table = grid(header, rows, sortable=True)
    return Section("results", "Results", [element("p", text), table])


def _count(cohort: Cohort) -> str:
    entries = cohort.comparison.entries
    runs = pluralize(sum(entry.n for entry in entries), "run")
    return f"{runs} in {pluralize(len(entries), 'group')}"


def _at(entry: Entry, measure: str) -> str:
    """The mean of the measure, and the validation error."""
    names = dict.fromkeys([measure, "validation_error"])
    return ", ".join(
        f"{MEASURES[name].name} {MEASURES[name].text(mean)}"
        for name in names
        if (name in entry.metrics or hasattr(entry, name))
        and (mean := entry.estimate(name).mean) is not None
    ) or pluralize(entry.n, "run")


def _title(column: str) -> str:
    return MEASURES[column].name if column in MEASURES else column.replace("_", " ")


def _format(column: str) -> str:
    return "%" if column.endswith(("_error", "zero_one")) else "g"


def _number(value: float | None, text: str) -> Element | str:
    """A number that a table can be sorted by."""
    return "-" if value is None else element("data", text, value=repr(value))


def _setting(key: str, value: object) -> Element | str:
    text = setting_text(key, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return element("data", text, value=repr(value))
    return text if len(text) <= WIDEST else folded(f"{text[:WIDEST]}...", element("pre", text))
