"""How `cnntrain predict` shows answers: as text, CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cnntrain.cli.options import emit, json_text
from cnntrain.text import csv_text, printable, shown_path, spreadsheet_cell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnntrain.models.model import Model

    Sample = tuple[str, int | None, NDArray[Any]]  # input, index in it, None for a picture; (e,)

LONGEST = 24  # characters of a class's name in text


class Output:
    """Answers on standard output, some at a time.

    form            text, CSV or JSON
    top             of the `top` likeliest classes; None: of the likeliest
    threshold       no class where the likeliest one is less likely
    probabilities   those of all classes, too, which JSON has in any case

    Samples are told by their input, and by their index in it unless it is a picture.
    """

    def __init__(
        self,
        model: Model,
        form: Literal["text", "csv", "json"],
        top: int | None = None,
        threshold: float | None = None,
        probabilities: bool = False,
    ) -> None:
        self.names, self.outputs, self.form = model.class_names, model.network.outputs, form
        self.top, self.threshold, self.probabilities = top, threshold, probabilities
        self.titled = form == "csv" or (form == "text" and probabilities)
        self.widths: list[int] = []  # of columns of text so far

    def show(self, samples: Iterable[Sample]) -> bool:
        """Returns False where nobody reads on."""
        answers = [self._answer(*sample) for sample in samples]
        if self.form == "json":
            lines = [json_text({**answer, "index": answer["index"] or 0}) for answer in answers]
            return emit("\n".join(lines)) if lines else True
        if self.form == "text" and not answers:
            return True
        titles = [self._titles()] if self.titled else []
        self.titled = False
        rows = titles + [self._cells(answer) for answer in answers]
        if not rows:
            return True
        text = csv_text(rows).removesuffix("\n") if self.form == "csv" else self._aligned(rows)
        return emit(text)

    def _answer(self, name: str, index: int | None, outputs: NDArray[Any]) -> dict[str, Any]:
        """Input, index, then label, name and p, or the real outputs: the keys of JSON."""
        answer: dict[str, Any] = {"input": name, "index": index}
        values = [float(v) for v in outputs]
        if self.names is None:
            return {**answer, "outputs": values}
        order = (-outputs).argsort(kind="stable").tolist()  # of equals the lowest class comes first
        likeliest = order[0]
        sure = self.threshold is None or outputs[likeliest] >= self.threshold
        answer["label"] = likeliest if sure else None
        answer["name"] = self.names[likeliest] if sure else None
        answer["p"] = values
        if self.top is not None:
            answer["top"] = [
                {"label": c, "name": self.names[c], "p": values[c]} for c in order[: self.top]
            ]
        return answer

    def _titles(self) -> list[str]:
        classes = [printable(name) for name in self.names or ()]
        if self.form == "text":
            return ["", "answer", "p", *(printable(name, LONGEST) for name in classes)]
        if self.names is None:
            return ["input", "index", *(f"output_{i}" for i in range(self.outputs))]
        ranked = [f"{key}_{k}" for k in range(1, (self.top or 0) + 1) for key in ("name", "p")]
        every = [f"p_{name}" for name in classes] if self.probabilities else []
        return ["input", "index", "label", "name", "p", *ranked[: 2 * len(classes)], *every]

    def _cells(self, answer: dict[str, Any]) -> list[Any]:
        return self._words(answer) if self.form == "text" else self._values(answer)

    def _values(self, answer: dict[str, Any]) -> list[Any]:
        """A row of CSV."""
        start = [spreadsheet_cell(answer["input"]), answer["index"] or 0]
        if "outputs" in answer:
            return [*start, *answer["outputs"]]
        ranked = [v for c in answer.get("top", []) for v in (spreadsheet_cell(c["name"]), c["p"])]
        every = answer["p"] if self.probabilities else []
        label, name = answer["label"], spreadsheet_cell(answer["name"] or "")
        return [*start, "" if label is None else label, name, max(answer["p"]), *ranked, *every]

    def _words(self, answer: dict[str, Any]) -> list[str]:
        """A row of text: which sample, then its outputs, or its likeliest classes with their p."""
        index = "" if answer["index"] is None else f"[{answer['index']}]"
        place = shown_path(answer["input"]) + index
        if "outputs" in answer:
            return [place, *(f"{v:.6g}" for v in answer["outputs"])]
        found = answer.get("top") if answer["label"] is not None else None
        found = found or [{"name": answer["name"], "p": max(answer["p"])}]
        words = [(printable(c["name"] or "-", LONGEST), f"{c['p']:.4f}") for c in found]
        every = [f"{p:.4f}" for p in answer["p"]] if self.probabilities else []
        return [place, *(word for pair in words for word in pair), *every]

    def _aligned(self, rows: Sequence[Sequence[str]]) -> str:
        """Rows below one another, and below those before, unless columns have become wider."""
        width = max(len(row) for row in rows)  # below the threshold there is one class alone
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        widest = [max(map(len, column)) for column in zip(*rows, strict=True)]
        known = self.widths + [0] * (width - len(self.widths))
        self.widths = list(map(max, known, widest)) + known[width:]
        left = 1 if self.names is None else width
        return "\n".join(
            "  ".join(
                cell.ljust(wide) if i < left else cell.rjust(wide)
                for i, (cell, wide) in enumerate(zip(row, self.widths, strict=False))
            ).rstrip()
            for row in rows
        )
