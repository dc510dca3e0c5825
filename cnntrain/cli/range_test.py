"""`cnntrain lr-sweep --range-test`: the curve of one run with a growing rate, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnntrain.cli.options import emit, emit_json, table
from cnntrain.errors import StorageError
from cnntrain.text import printable

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.sweep.range_test import Point

ROWS, WIDTH = 20, 40  # of the plot


def show_range_test(
    config: Config, low: float, high: float, steps: int, run: str | None, as_json: bool
) -> dict[str, Any]:
    """Run the test, write and show its curve, and return the report.

    Raises DivergedError, after the curve is written, where it says nothing.
    """
    from cnntrain.sweep.plan import rate_key, spaced_rates
    from cnntrain.sweep.range_test import range_test, read_curve

    spaced_rates(low, high, 2)  # checks them
    curve = range_test(config, low, high, steps)
    file = _write(curve, Path(run) if run else Path("runs") / f"{config.name}-lr-range")
    if not as_json:
        emit(_plot(curve))
    rates = read_curve(curve)
    report = {
        "key": rate_key(config),
        "curve": str(file),
        "points": len(curve),
        "rules": asdict(rates),
        "rule": "valley",
        "suggested_rate": rates.valley,
    }
    if as_json:
        emit_json(report)
    else:
        emit(
            f"\nsteepest        {rates.steepest:g}\n"
            f"minimum / 10    {rates.tenth:g}\n"
            f"valley          {rates.valley:g}\n"
            f"suggested rate  {rates.valley:g}  (valley)"
        )
    return report


def _write(curve: Sequence[Point], folder: Path) -> Path:
    from cnntrain.training import durable

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {printable(folder, 400)}: {error.strerror}") from None
    rows = [f"{point.rate!r},{point.loss!r},{point.smoothed!r}" for point in curve]
    durable.write(
        folder / "range.csv", "\n".join(["learning_rate,loss,smoothed", *rows, ""]).encode()
    )
    return folder / "range.csv"


def _plot(curve: Sequence[Point]) -> str:
    """Every so many steps: the rate, the smoothed loss, and a bar up to the first one's height."""
    largest = curve[0].smoothed if curve else 1.0
    rows = []
    for point in curve[:: max(1, -(-len(curve) // ROWS))]:
        bar = "#" * min(round(WIDTH * point.smoothed / largest), WIDTH + 1)
        rows.append([f"{point.rate:.3g}", f"{point.smoothed:.4g}", bar.ljust(WIDTH + 1)])
    return table(["learning rate", "smoothed loss", ""], rows, left=0)
