"""What every benchmark gives: a table of figures for people, and the same for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cnntrain.cli.options import table


@dataclass(frozen=True)
class Report:
    """One benchmark: what was measured, and a row of figures for each case."""

    name: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]

    def text(self) -> str:
        """A heading and an aligned table."""
        cells = [[cell(value) for value in row] for row in self.rows]
        return f"{self.name}: {self.about}\n{table(self.columns, cells)}\n"

    def as_dict(self) -> dict[str, object]:
        """All of it as plain values."""
        return asdict(self)


def cell(value: str | int | float) -> str:
    """A figure with three digits that count, or a text."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value
