"""`cnntrain lr-sweep --range-test`: the curve of one run with a growing rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cnntrain.cli.layout import line_width
from cnntrain.cli.options import emit, emit_json, table
from cnntrain.cli.sweep_options import SweepOptions
from cnntrain.errors import DivergedError

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweeps.range_test import Point, RangeTest

ROWS, WIDTH = 20, 40  # of the plot, at the most
BESIDE = 31  # characters of a line beside its bar


def run_range_test(
    config: Config, low: float, high: float, steps: int, options: SweepOptions, as_json: bool
) -> RangeTest:
    """Run the test, show its curve and what was read from it.

    Raises DivergedError, once the curve is shown, where it cannot be read.
    """
    from cnntrain.sweeps.range_test import range_test

    folder = options.directory(Path("runs") / f"{config.name}-lr-range", config)
    result, curve = range_test(config, low, high, steps, folder)
    if as_json:
        emit_json(asdict(result))
    else:
        emit(_plot(curve))
    if result.problem is not None:
        raise DivergedError(result.problem)
    if not as_json:
        names = {"steepest": "steepest", "tenth": "minimum / 10", "valley": "valley"}
        lines = [f"{names[rule]:14}  {rate:g}" for rule, rate in result.rules.items()]
        lines.append(f"suggested rate  {result.suggested_rate:g}  ({result.rule})")
        emit("\n" + "\n".join(lines))
    return result


def _plot(curve: Sequence[Point]) -> str:
    """Every so many steps: the rate, the smoothed loss, and a bar up to the first one's height."""
    largest = curve[0].smoothed if curve else 1.0
    width = min(WIDTH, max(line_width() - BESIDE, 1))
    rows = []
    for point in curve[:: max(1, -(-len(curve) // ROWS))]:
        bar = "#" * min(round(width * point.smoothed / largest), width + 1)
        rows.append([f"{point.rate:.3g}", f"{point.smoothed:.4f}", bar.ljust(width + 1)])
    return table(["learning rate", "smoothed loss", ""], rows, left=0)
