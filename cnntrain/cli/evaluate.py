"""`cnntrain evaluate`: loss and errors of a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.options import (
    check_result,
    emit,
    emit_json,
    flip_option,
    force_option,
    json_option,
    loss_text,
    measure_text,
    percent,
    strict_option,
    table,
    warn,
    weights_option,
    write_result,
)
from cnntrain.errors import UsageError
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.models.classification import ClassReport, Confused
    from cnntrain.models.evaluation import EvaluationReport

WEIGHTS = {"own": "w itself, not its average", "average": "the average of w over the steps"}
MOST_CLASSES = 20  # that are shown one by one; of more, the worst


@click.command(short_help="Measure the errors of a trained network.")
@click.argument(
    "checkpoints",
    nargs=-1,
    required=True,
    metavar="CHECKPOINT|RUN...",
    shell_complete=files,
)
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    default="test",
    show_default=True,
    help="The part of the data to evaluate on, always the whole of it.",
)
@click.option(
    "--set",
    "overrides",
    metavar="data.KEY=VALUE",
    multiple=True,
    help="Evaluate on other data: replace a key of the config's data section.",
)
@click.option(
    "--probabilities",
    metavar="FILE.csv",
    help="Write index, label, prediction and soft-max outputs of each sample to FILE.csv, which "
    "must be new.",
)
@flip_option
@weights_option
@force_option
@strict_option
@json_option
def evaluate(
    checkpoints: tuple[str, ...],
    split: str,
    overrides: tuple[str, ...],
    probabilities: str | None,
    flip: bool | None,
    weights: Literal["auto", "own", "average"],
    force: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Measure loss, errors and other metrics of a checkpoint, or of a run's best one.

    Samples that it was trained on are never counted as validation or test. Warnings, of the run
    too, go to standard error. The index in FILE.csv is that of a sample in its file, from 0.

    \b
    Examples:
      cnntrain evaluate runs/digits
      cnntrain evaluate runs/digits/checkpoints/last.safetensors --split validation --json
    """
    from cnntrain.config import parse_overrides
    from cnntrain.models.evaluation import evaluation, probabilities_csv
    from cnntrain.models.model import load_model

    if probabilities is not None and len(checkpoints) > 1:
        raise UsageError("--probabilities takes one checkpoint")
    if probabilities is not None:
        check_result(probabilities, force)
    data = parse_overrides(overrides)
    for path in checkpoints:
        evaluated = evaluation(load_model(path, weights, flip=flip), split, data)
        warn(evaluated.report.warnings, strict)
        if probabilities is not None:
            write_result(probabilities, probabilities_csv(evaluated), force)
        if as_json:
            emit_json(evaluated.report.as_dict())
        else:
            emit(_text(evaluated.report) + ("\n" if len(checkpoints) > 1 else ""))


def _text(report: EvaluationReport) -> str:
    lines = [
        f"checkpoint      {shown_path(report.checkpoint)}",
        *([f"weights         {WEIGHTS[report.weights]}"] if report.weights else []),
        f"part            {report.split}, {report.count:,} samples",
        *(["outputs         averaged over each image and its mirror image"] if report.flip else []),
        f"loss            {loss_text(report.loss)}",
    ]
    if report.error_interval and report.per_class:
        low, high = report.error_interval
        top5 = report.top5_error
        lines += [
            f"zero-one error  {percent(report.zero_one_error)}"
            f"  (95 % interval {100 * low:.2f} to {percent(high)})",
            f"accuracy        {percent(report.accuracy)}",
            f"balanced error  {percent(report.balanced_error)}",
            f"macro F1        {measure_text('macro_f1', report.macro_f1)}",
            *([] if top5 is None else [f"top-5 error     {percent(top5)}"]),
            f"arg max ties    {report.ties}",
            "",
            *_by_class(report.per_class, report.confusion, report.confused or []),
        ]
    return "\n".join(lines)


def _by_class(
    classes: list[ClassReport], confusion: list[list[int]] | None, confused: list[Confused]
) -> list[str]:
    """The classes and which are taken for which, in full where they are few."""
    if confusion is not None and len(classes) <= MOST_CLASSES:
        names = [row.name for row in classes]
        title = "confusion: rows are true classes, columns predicted ones"
        return [_classes(classes), "", title, _confusion(names, confusion)]
    there = [row for row in classes if row.count]
    worst = sorted(there, key=lambda row: row.f1 or 0.0)[:MOST_CLASSES]
    lines = [f"the {len(worst)} classes with the lowest f1, of {len(classes):,}", _classes(worst)]
    pairs = [
        [printable(pair.true, 24), printable(pair.predicted, 24), f"{pair.count:,}"]
        for pair in confused[:MOST_CLASSES]
    ]
    if pairs:
        lines += ["", "confused most often", table(["class", "taken for", "count"], pairs, left=2)]
    return lines


def _classes(classes: list[ClassReport]) -> str:
    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    return table(
        ["class", "count", "precision", "recall", "f1"],
        [
            [
                printable(row.name, 24),
                str(row.count),
                cell(row.precision),
                cell(row.recall),
                cell(row.f1),
            ]
            for row in classes
        ],
    )


def _confusion(names: list[str], counts: list[list[int]]) -> str:
    shown = [printable(name, 24) for name in names]
    short = max(map(len, shown)) <= 4
    header = ["", *(shown if short else map(str, range(len(names))))]
    label = [name if short else f"{name} = {c}" for c, name in enumerate(shown)]
    rows = [[label[c], *(str(n) if n else "." for n in row)] for c, row in enumerate(counts)]
    return table(header, rows)
