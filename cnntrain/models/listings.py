"""The samples of an evaluation as CSV: all of them, or those taken for another class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnntrain.errors import UsageError
from cnntrain.models.classification import mistakes
from cnntrain.text import csv_text, printable, spreadsheet_cell

if TYPE_CHECKING:
    from cnntrain.models.evaluation import Evaluation


def probabilities_csv(evaluated: Evaluation) -> str:
    """One row for each sample: its index in the file that it is from, or among the files it is one
    of, the file if it has one of its own, label, prediction, and the soft-max output p of each
    class, by the classes' names.  Raises UsageError where there are no classes."""
    names = _class_names(evaluated, "probabilities")
    rows: list[list[object]] = [
        [*_which(evaluated), "label", "prediction", *(f"p_{printable(name)}" for name in names)]
    ]
    for k, (label, p) in enumerate(zip(evaluated.labels, evaluated.outputs, strict=True)):
        numbers = (repr(float(v)) for v in p)
        rows.append([*_cells(evaluated, k), int(label), int(p.argmax()), *numbers])
    return csv_text(rows)


def mistakes_csv(evaluated: Evaluation) -> str:
    """One row for each sample that is taken for another class: index and file as above, its class
    and the answer by name, the p of both.  Those that the network is most sure of come first, of
    equally sure ones the one with the lower index.  Raises UsageError where there are no classes.
    """
    names = _class_names(evaluated, "mistakes")
    labels, p = evaluated.labels, evaluated.outputs
    answers = p.argmax(axis=1)
    rows: list[list[object]] = [[*_which(evaluated), "class", "answer", "p_class", "p_answer"]]
    for k in mistakes(labels, p).tolist():
        both = [int(labels[k]), int(answers[k])]
        shown = (spreadsheet_cell(names[c]) for c in both)
        rows.append([*_cells(evaluated, k), *shown, *(repr(float(p[k, c])) for c in both)])
    return csv_text(rows)


def _class_names(evaluated: Evaluation, what: str) -> tuple[str, ...]:
    if evaluated.class_names is None:
        raise UsageError(f"{what} are those of classes, but the targets are real numbers")
    return evaluated.class_names


def _which(evaluated: Evaluation) -> list[str]:
    """The titles of what tells a sample from others."""
    return ["index"] if evaluated.part.examples.files is None else ["index", "file"]


def _cells(evaluated: Evaluation, k: int) -> list[object]:
    """The cells under them."""
    index = int(evaluated.part.indices[k])
    files = evaluated.part.examples.files
    return [index] if files is None else [index, spreadsheet_cell(files[index])]
