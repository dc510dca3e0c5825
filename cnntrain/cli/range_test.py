"""`cnntrain lr-sweep --range-test`: the curve of one run with a growing rate, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnntrain.cli.options import emit, emit_json, table
from cnntrain.cli.sweep_options import SweepOptions
from cnntrain.errors import DivergedError, RunExistsError
from cnntrain.text import csv_text, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweeps.range_test import Point

ROWS, WIDTH = 20, 40  # of the plot


def show_range_test(
    config: Config, low: float, high: float, steps: int, how: SweepOptions, as_json: bool
) -> dict[str, Any]:
    """Run the test, write and show its curve, and return the report.

    Raises DivergedError, after the curve and the report are shown, where it says nothing, and
    RunExistsError where its directory holds a run or a sweep.
    """
    from cnntrain.sweeps.range_test import range_test, read_curve
    from cnntrain.sweeps.rates import rate_key, spaced_rates

    spaced_rates(low, high, 2)  # checks them
    file = _file(how.directory(Path("runs") / f"{config.name}-lr-range", config))
    curve = range_test(config, low, high, steps)
    _write(curve, file)
    rates, problem = None, None
    try:
        rates = read_curve(curve)
    except DivergedError as error:
        problem = error
    report = {
        "key": rate_key(config),
        "curve": str(file),
        "points": len(curve),
        "rules": asdict(rates) if rates else {},
        "rule": "valley",
        "suggested_rate": rates.valley if rates else None,
        "problem": str(problem) if problem else None,
    }
    if as_json:
        emit_json(report)
    else:
        emit(_plot(curve))
    if problem is not None:
        raise problem
    if rates is not None and not as_json:
        emit(
            f"\nsteepest        {rates.steepest:g}\n"
            f"minimum / 10    {rates.tenth:g}\n"
            f"valley          {rates.valley:g}\n"
            f"suggested rate  {rates.valley:g}  (valley)"
        )
    return report


def _file(folder: Path) -> Path:
    """Where the curve goes.  Raises RunExistsError."""
    from cnntrain.runs.directory import RunDirectory

    there = RunDirectory(folder)
    if there.holds_run() or there.holds_sweep():
        kind = "run" if there.holds_run() else "sweep"
        raise RunExistsError(
            f"{shown_path(folder)} already holds a {kind} (choose another directory with --run)"
        )
    return folder / "range.csv"


def _write(curve: Sequence[Point], file: Path) -> None:
    from cnntrain.runs import durable

    with durable.storage_errors(file.parent, "make the directory"):
        file.parent.mkdir(parents=True, exist_ok=True)
    rows = [[repr(point.rate), repr(point.loss), repr(point.smoothed)] for point in curve]
    durable.write(file, csv_text([["learning_rate", "loss", "smoothed"], *rows]).encode())


def _plot(curve: Sequence[Point]) -> str:
    """Every so many steps: the rate, the smoothed loss, and a bar up to the first one's height."""
    largest = curve[0].smoothed if curve else 1.0
    rows = []
    for point in curve[:: max(1, -(-len(curve) // ROWS))]:
        bar = "#" * min(round(WIDTH * point.smoothed / largest), WIDTH + 1)
        rows.append([f"{point.rate:.3g}", f"{point.smoothed:.4g}", bar.ljust(WIDTH + 1)])
    return table(["learning rate", "smoothed loss", ""], rows, left=0)
