"""Wrong answers as pictures, the surest first, and which classes are taken for which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnntrain.models.classification import mistakes as surest
from cnntrain.models.evaluation import Evaluation
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, Element, element
from cnntrain.reports.page import Section, grid
from cnntrain.reports.png import as_pixels, picture

MOST = 24  # pictures of the surest mistakes
IN_CELL = 6  # pictures of one cell of the confusion matrix
MOST_CELLS = 40  # cells with pictures, those with the most mistakes
MOST_CLASSES = 20  # of a matrix that is shown as a whole
MOST_PAIRS = 30  # of confused classes below one


def mistakes(evidence: Evidence) -> Section | None:
    """The surest mistakes, the confusion matrix, whose cells lead to their pictures, or the pairs
    that are confused most often where there are many classes; None where there are no classes."""
    evaluated = evidence.evaluated
    if evaluated is None or evaluated.class_names is None or evaluated.report.confused is None:
        return None
    wrong = surest(evaluated.labels, evaluated.outputs).tolist()
    count = f"{len(wrong):,} of {evaluated.report.count:,} samples are taken for another class."
    key = " Below each picture: the answer and its p, the true class and its p."
    text = count + key if wrong else "No sample is taken for another."
    content: list[Child] = [element("p", text)]
    shown = _Pictures(evaluated)
    if wrong:
        content += [element("h3", "The surest mistakes"), shown.gallery(wrong[:MOST])]
    cells = _cells(evaluated, wrong)
    names, confusion = evaluated.class_names, evaluated.report.confusion
    if confusion is not None and len(names) <= MOST_CLASSES:
        content += [element("h3", "Confusion matrix"), _matrix(names, confusion, cells)]
    elif wrong:
        pairs = [
            [pair.true, pair.predicted, f"{pair.count:,}"]
            for pair in evaluated.report.confused[:MOST_PAIRS]
        ]
        title = element("h3", "Confused most often")
        content += [title, grid(["class", "taken for", "samples"], pairs, left=2)]
    pictures = [
        element(
            "section",
            element("h3", f"{names[true]} taken for {names[answer]}: {len(samples):,}"),
            shown.gallery(samples[:IN_CELL]),
            id=_anchor(true, answer),
        )
        for (true, answer), samples in cells.items()
    ]
    content.append(element("div", *pictures, class_="cells"))
    return Section("mistakes", "Mistakes", content)


class _Pictures:
    """Samples as figures; vectors as their captions alone."""

    def __init__(self, evaluated: Evaluation) -> None:
        self.evaluated = evaluated
        bounds = evaluated.part.input_range
        self.low, self.high = float(bounds.minimum), float(bounds.maximum)

    def gallery(self, positions: Iterable[int]) -> Element:
        """Some samples beside one another."""
        return element("div", *map(self._figure, positions), class_="gallery")

    def _figure(self, k: int) -> Element:
        part, names = self.evaluated.part, self.evaluated.class_names or ()
        index, p = int(part.indices[k]), self.evaluated.outputs[k]
        true, answer = int(self.evaluated.labels[k]), int(p.argmax())
        name = f"sample {index}" if part.examples.files is None else part.examples.files[index]
        caption = element(
            "figcaption",
            element("b", names[answer]),
            f", p {p[answer]:.3f}",
            element("br"),
            f"is {names[true]}, p {p[true]:.3f}",
            element("br"),
            name,
        )
        x = part.examples.x[index]
        label = f"{name}: {names[true]}, taken for {names[answer]}"
        shown = picture(as_pixels(x, self.low, self.high), label) if x.ndim == 3 else None
        return element("figure", shown, caption)


def _cells(evaluated: Evaluation, wrong: list[int]) -> dict[tuple[int, int], list[int]]:
    """The mistakes of each cell of the confusion matrix, the surest first; the cells with most of
    them, by class."""
    cells: dict[tuple[int, int], list[int]] = {}
    for k in wrong:
        cell = int(evaluated.labels[k]), int(evaluated.outputs[k].argmax())
        cells.setdefault(cell, []).append(k)
    most = sorted(cells, key=lambda cell: (-len(cells[cell]), cell))[:MOST_CELLS]
    return {cell: cells[cell] for cell in sorted(most)}


def _matrix(
    names: tuple[str, ...], counts: list[list[int]], cells: dict[tuple[int, int], list[int]]
) -> Element:
    """Rows are true classes, columns answers."""

    def row(true: int) -> Iterator[Child]:
        yield element("b", names[true])
        for answer, count in enumerate(counts[true]):
            text = f"{count:,}" if count else "."
            if (true, answer) in cells:
                label = f"{count} of {names[true]} taken for {names[answer]}"
                yield element("a", text, href=f"#{_anchor(true, answer)}", title=label)
            else:
                yield element("b", text) if true == answer else text

    return grid(["class \\ answer", *names], [list(row(true)) for true in range(len(names))])


def _anchor(true: int, answer: int) -> str:
    return f"confused-{true}-{answer}"
