"""`cnntrain evaluate`: loss and errors of a checkpoint."""

from __future__ import annotations

from typing import Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.evaluate_output import reliability_text, report_text, thresholds_text
from cnntrain.cli.options import (
    check_result,
    emit,
    emit_json,
    flip_option,
    force_option,
    json_option,
    strict_option,
    warn,
    weights_option,
    write_result,
)
from cnntrain.errors import UsageError
from cnntrain.text import shown_path


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
    "--calibration", is_flag=True, help="Show, by p of the answers, how many of them are right."
)
@click.option(
    "--thresholds",
    is_flag=True,
    help="Show what is gained by answering only where p is high enough.",
)
@click.option(
    "--mistakes",
    metavar="FILE.csv",
    help="Write the samples that are taken for another class to FILE.csv, which must be new: those "
    "first that the network is most sure of.",
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
    calibration: bool,
    thresholds: bool,
    mistakes: str | None,
    probabilities: str | None,
    flip: bool | None,
    weights: Literal["auto", "own", "average"],
    force: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Measure loss, errors and other metrics of a checkpoint, or of a run's best one.

    Samples that it was trained on are never counted as validation or test. Warnings, of the run
    too, go to standard error. The index in FILE.csv is that of a sample in its file, from 0; where
    each sample has a file of its own, FILE.csv names it. --json has all figures in any case.

    \b
    Examples:
      cnntrain evaluate runs/digits
      cnntrain evaluate runs/digits --calibration --thresholds --mistakes mistakes.csv
      cnntrain evaluate runs/digits/checkpoints/last.safetensors --split validation --json
    """
    from cnntrain.config import parse_overrides
    from cnntrain.models.evaluation import evaluation
    from cnntrain.models.listings import mistakes_csv, probabilities_csv
    from cnntrain.models.load import load_model

    listings = {
        name: (path, listing)
        for name, path, listing in (
            ("--probabilities", probabilities, probabilities_csv),
            ("--mistakes", mistakes, mistakes_csv),
        )
        if path is not None
    }
    for name, (path, _) in listings.items():
        if len(checkpoints) > 1:
            raise UsageError(f"{name} takes one checkpoint")
        check_result(path, force)
    if probabilities is not None and probabilities == mistakes:
        raise UsageError(f"--probabilities and --mistakes: both to {shown_path(mistakes)}")
    data = parse_overrides(overrides)
    for checkpoint in checkpoints:
        evaluated = evaluation(load_model(checkpoint, weights, flip=flip), split, data)
        report = evaluated.report
        warn(report.warnings, strict)
        for path, listing in listings.values():
            write_result(path, listing(evaluated), force)
        if as_json:
            emit_json(report.as_dict())
            continue
        tables = [report_text(report)]
        if calibration:
            tables.append(reliability_text(report))
        if thresholds:
            tables.append(thresholds_text(report))
        emit("\n\n".join(tables) + ("\n" if len(checkpoints) > 1 else ""))
