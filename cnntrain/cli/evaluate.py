"""`cnntrain evaluate`: loss and errors of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnntrain.cli.options import emit, emit_json, json_option, loss_text, percent, table
from cnntrain.errors import UsageError
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.models.evaluation import ClassReport, EvaluationReport


@click.command(short_help="Measure the errors of a trained network.")
@click.argument("checkpoints", nargs=-1, required=True, metavar="CHECKPOINT|RUN...")
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
    help="Write label, prediction and soft-max outputs of each sample to FILE.csv.",
)
@json_option
def evaluate(
    checkpoints: tuple[str, ...],
    split: str,
    overrides: tuple[str, ...],
    probabilities: str | None,
    as_json: bool,
) -> None:
    """Measure loss and zero-one error of a checkpoint, or of a run's best one.

    \b
    Examples:
      cnntrain evaluate runs/digits
      cnntrain evaluate runs/digits/checkpoints/last.safetensors --split validation --json
    """
    from cnntrain.config import parse_overrides
    from cnntrain.models.evaluation import evaluation, probabilities_csv
    from cnntrain.models.model import load_model
    from cnntrain.runs import durable

    if probabilities is not None and len(checkpoints) > 1:
        raise UsageError("--probabilities takes one checkpoint")
    data = parse_overrides(overrides)
    for path in checkpoints:
        evaluated = evaluation(load_model(path), split, data)
        if probabilities is not None:
            durable.write(Path(probabilities), probabilities_csv(evaluated).encode())
        if as_json:
            emit_json(evaluated.report.as_dict())
        else:
            emit(_text(evaluated.report) + ("\n" if len(checkpoints) > 1 else ""))


def _text(report: EvaluationReport) -> str:
    lines = [
        f"checkpoint      {shown_path(report.checkpoint)}",
        f"part            {report.split}, {report.count:,} samples",
        f"loss            {loss_text(report.loss)}",
    ]
    if report.error_interval and report.per_class and report.confusion:
        low, high = report.error_interval
        lines += [
            f"zero-one error  {percent(report.zero_one_error)}"
            f"  (95 % interval {100 * low:.2f} to {percent(high)})",
            f"accuracy        {percent(report.accuracy)}",
            f"arg max ties    {report.ties}",
            "",
            _classes(report.per_class),
            "",
            "confusion: rows are true classes, columns predicted ones",
            _confusion(report.confusion),
        ]
    return "\n".join(lines)


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


def _confusion(counts: list[list[int]]) -> str:
    header = ["", *(str(c) for c in range(len(counts)))]
    rows = [[str(c), *(str(n) if n else "." for n in row)] for c, row in enumerate(counts)]
    return table(header, rows)
