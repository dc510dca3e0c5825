"""A heat table: numbers in cells, the darker the better, as an SVG image that stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.reports.markup import Element, element, number

WIDTH = 480.0
HEAD, ROW, LEFT = 44.0, 30.0, 96.0  # heights above the cells and of a row, width before them
DARKEST = 0.55  # opacity at which text can be read still
CHARACTERS = 13  # of a label


@dataclass(frozen=True)
class Cell:
    """What a cell shows: how dark it is, from 0 to 1, its text, and for the pointer a label.

    value   the number with all its digits, in `data-value`
    best    whether it stands out
    """

    shade: float
    text: str
    label: str
    value: float
    best: bool = False


@dataclass(frozen=True)
class Heat:
    """Cells by row, with the labels of rows and columns, and what these mean."""

    name: str
    title: str
    down: str
    across: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[Cell]]

    def svg(self) -> Element:
        """The image."""
        each, height = (WIDTH - LEFT) / len(self.columns), HEAD + ROW * len(self.rows)
        return element(
            "svg",
            element("title", self.title),
            element("desc", f"{self.title}, a cell for each pair; darker is better"),
            element("text", self.down, x=4.0, y=HEAD - 8, class_="name"),
            element("text", self.across, x=WIDTH, y=14.0, class_="name end"),
            *(
                element(
                    "text", _short(text), x=LEFT + (k + 0.5) * each, y=HEAD - 8, class_="tick x"
                )
                for k, text in enumerate(self.columns)
            ),
            *(
                element(
                    "text", _short(text), x=LEFT - 8, y=HEAD + ROW * (k + 0.65), class_="tick y"
                )
                for k, text in enumerate(self.rows)
            ),
            *(
                self._cell(cell, LEFT + column * each, HEAD + row * ROW, each)
                for row, cells in enumerate(self.cells)
                for column, cell in enumerate(cells)
            ),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(WIDTH)} {number(height)}",
            role="img",
            class_="chart",
            data_name=self.name,
        )

    def _cell(self, cell: Cell, x: float, y: float, width: float) -> Element:
        return element(
            "g",
            element("title", cell.label),
            element(
                "rect",
                x=x,
                y=y,
                width=width,
                height=ROW,
                fill_opacity=DARKEST * cell.shade,
                class_="heat",
            ),
            element(
                "text",
                cell.text,
                x=x + width / 2,
                y=y + 0.65 * ROW,
                class_="cell best" if cell.best else "cell",
            ),
            class_="heat-cell",
            data_value=repr(cell.value) if math.isfinite(cell.value) else None,
        )


def _short(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 3]}..."
