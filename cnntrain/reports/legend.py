"""What curves and lines of a chart are: strokes with words, above the plot where there is room."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnntrain.reports.markup import Element, element

CHARACTER = 7.0  # width of one, about
STROKE, GAP = 18.0, 16.0  # widths of a line, and between two labels
ROW = 18.0  # height
LONGEST = 62  # characters of a label


@dataclass
class Legend:
    """Labels with the classes of their strokes, and dashes, in the order of drawing."""

    _labels: list[tuple[str, str, str | None]] = field(default_factory=list)

    def add(self, label: str, kind: str, dash: str | None = None) -> None:
        """One more, whose stroke has the class `kind`."""
        if len(label) > LONGEST:
            label = f"{label[: LONGEST // 2 - 3]}...{label[-LONGEST // 2 :]}"
        self._labels.append((label, kind, dash))

    @staticmethod
    def room(label: str) -> float:
        """The width that a label takes, with its stroke and the gap behind it."""
        return STROKE + 4 + CHARACTER * len(label) + GAP

    @property
    def width(self) -> float:
        """All labels in one row; 0 where there are fewer than two, which need no legend."""
        return sum(self.room(label) for label, _, _ in self._labels) if len(self._labels) > 1 else 0

    def above(self, right: float, y: float) -> list[Element]:
        """One row that ends at `right`."""
        x, found = right + GAP - self.width, []
        for label, kind, dash in self._labels if len(self._labels) > 1 else ():
            found += _entry(label, kind, dash, x, y)
            x += self.room(label)
        return found

    def below(self, width: float, y: float) -> tuple[list[Element], float]:
        """As many rows as it takes, from `y` down, and their height."""
        x, top, found = 4.0, y, list[Element]()
        for label, kind, dash in self._labels:
            if x > 4.0 and x + self.room(label) - GAP > width:
                x, top = 4.0, top + ROW
            found += _entry(label, kind, dash, x, top + ROW / 2)
            x += self.room(label)
        return found, top + ROW - y


def _entry(label: str, kind: str, dash: str | None, x: float, y: float) -> list[Element]:
    return [
        element(
            "line",
            x1=x,
            x2=x + STROKE,
            y1=y,
            y2=y,
            class_=kind,
            stroke_dasharray=dash,
        ),
        element("text", label, x=x + STROKE + 4, y=y + 4, class_="name"),
    ]
