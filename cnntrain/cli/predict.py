"""`cnntrain predict`: what a trained network says of new inputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.options import (
    emit,
    emit_json,
    flip_option,
    note,
    strict_option,
    table,
    warn,
    weights_option,
)
from cnntrain.errors import DataError, InputWarning, UsageError
from cnntrain.text import csv_text, printable, shown_path, spreadsheet_cell

if TYPE_CHECKING:
    from cnntrain.models.model import Model


@click.command(short_help="Classify new samples.")
@click.argument("checkpoint", metavar="CHECKPOINT|RUN", shell_complete=files)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", shell_complete=files)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="K", help="Give the K likeliest classes."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Give no class where the likeliest one has less than probability P.",
)
@flip_option
@weights_option
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a sample.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one row a sample.")
def predict(
    checkpoint: str,
    inputs: tuple[str, ...],
    top: int | None,
    threshold: float | None,
    flip: bool | None,
    weights: Literal["auto", "own", "average"],
    strict: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Classify the samples in INPUT: raw values as in the training data, in .npy or .npz files.

    Arrays have the axes of the training data: (N, H, W, C), or (N, C, H, W) with data.axes: NCHW,
    (N, H, W) or (N, d); of an .npz the array x is taken, or the only one.  y and class_names may
    stand beside x.

    \b
    Example:
      cnntrain predict runs/digits new.npy --top 3 --json
    """
    from cnntrain.data import read_inputs
    from cnntrain.models.model import load_model

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other")
    model = load_model(checkpoint, weights, flip=flip)
    if model.weights == "average":
        note(f"{shown_path(model.path)}: predicting with the average of w (--weights own: with w)")
    if model.class_names is None and (top is not None or threshold is not None):
        raise UsageError("--top and --threshold need a network that classifies")
    if as_csv:
        emit(_csv_line(_header(model, top)))
    for name in inputs:
        raw = read_inputs(Path(name))
        answers = list(_answers(model, name, raw, top, threshold))
        problem = model.scale_problem(raw)
        warn([] if problem is None else [f"{shown_path(name)}: {problem}"], strict)
        if as_json:
            for answer in answers:
                emit_json(answer)
        elif as_csv:
            for answer in answers:
                emit(_csv_line(_cells(answer)))
        else:
            emit(_text(answers))


def _answers(
    model: Model, name: str, raw: Any, top: int | None, threshold: float | None
) -> Iterator[dict[str, Any]]:
    """One dictionary a sample: input, index, then label, name and p, or the real outputs."""
    ask = model.predict if model.class_names is None else model.predict_proba
    try:
        with warnings.catch_warnings(action="ignore", category=InputWarning):  # told already
            predicted = ask(raw)
    except DataError as error:
        raise DataError(f"{shown_path(name)}: {error}") from None
    for index, outputs in enumerate(predicted):
        answer: dict[str, Any] = {"input": name, "index": index}
        if model.class_names is None:
            yield {**answer, "outputs": [float(v) for v in outputs]}
            continue
        order = (-outputs).argsort(kind="stable")  # of equals the lowest class comes first
        label = int(order[0])
        sure = threshold is None or outputs[label] >= threshold
        answer["label"] = label if sure else None
        answer["name"] = model.class_names[label] if sure else None
        answer["p"] = [float(v) for v in outputs]
        if top is not None:
            answer["top"] = [
                {"label": int(c), "name": model.class_names[c], "p": float(outputs[c])}
                for c in order[:top]
            ]
        yield answer


def _text(answers: list[dict[str, Any]]) -> str:
    """The answers for one input, below one another."""
    rows = [_words(answer) for answer in answers]
    width = max(len(row) for row in rows)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]  # below the threshold: one class
    return table(rows[0], rows[1:], left=1 if "outputs" in answers[0] else width)


def _words(answer: dict[str, Any]) -> list[str]:
    """Which sample, then its outputs, or its likeliest classes, each with its p."""
    place = f"{shown_path(answer['input'])}[{answer['index']}]"
    if "outputs" in answer:
        return [place, *(f"{v:.6g}" for v in answer["outputs"])]
    found = answer.get("top") if answer["label"] is not None else None
    found = found or [{"name": answer["name"], "p": max(answer["p"])}]
    words = [(printable(c["name"] or "-", 24), f"{c['p']:.4f}") for c in found]
    return [place, *(word for pair in words for word in pair)]


def _header(model: Model, top: int | None) -> list[str]:
    if model.class_names is None:
        return ["input", "index", *(f"output_{i}" for i in range(model.network.outputs))]
    ranked = [f"{key}_{k}" for k in range(1, (top or 0) + 1) for key in ("name", "p")]
    return ["input", "index", "label", "name", "p", *ranked[: 2 * len(model.class_names)]]


def _cells(answer: dict[str, Any]) -> list[Any]:
    start = [spreadsheet_cell(answer["input"]), answer["index"]]
    if "outputs" in answer:
        return [*start, *answer["outputs"]]
    ranked = [v for c in answer.get("top", []) for v in (spreadsheet_cell(c["name"]), c["p"])]
    label, name = answer["label"], answer["name"]
    return [
        *start,
        "" if label is None else label,
        spreadsheet_cell(name or ""),
        max(answer["p"]),
        *ranked,
    ]


def _csv_line(cells: list[Any]) -> str:
    return csv_text([cells]).removesuffix("\n")
