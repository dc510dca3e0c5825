"""Progress on standard error: a bar on a terminal, one plain line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from cnntrain.cli.options import table
from cnntrain.metrics import MEASURES
from cnntrain.nn.losses import BatchTotals
from cnntrain.runs.rows import Row, Timing
from cnntrain.text import loss_text, pluralize, printable, shown_path
from cnntrain.training.origin import Origin
from cnntrain.training.progress import Progress, TrainingPlan
from cnntrain.training.resume.changes import Change
from cnntrain.training.step import TrainingStep

REFRESH = 0.1  # seconds between two updates of the bar


class Warnings(Progress):
    """Warnings on standard error, and nothing else.

    Whatever happens to standard error, training goes on: after a failed write it is silent.
    """

    def __init__(self) -> None:
        self.broken = False

    def warn(self, message: str) -> None:
        self._say(f"warning: {printable(message, 400)}")

    def _say(self, text: str) -> None:
        self._try(lambda: self._print(text))

    def _try(self, show: Callable[[], Any]) -> None:
        if not self.broken:
            try:
                show()
            except (OSError, ValueError):
                self.broken = True

    def _print(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class ProgressLines(Warnings):
    """A table on standard error that grows by one line an epoch."""

    def begin(self, plan: TrainingPlan) -> None:
        self.plan = plan
        self.started, self.done = time.monotonic(), 0
        self._say(
            f"{shown_path(plan.run)}: {plan.parameters:,} parameters, "
            f"{pluralize(plan.samples_per_epoch, 'sample')} and "
            f"{pluralize(plan.steps_per_epoch, 'step')} an epoch"
        )
        if plan.mixed_labels:
            self._say("labels are mixed: training errors are against the larger share")
        columns = ("train_loss", "train_error", "validation_loss", "validation_error")
        titles = (MEASURES[name].title for name in (*columns, *plan.metrics))
        self._say(self._line("epoch", *titles, "rate", "/s", "left"))

    def epoch(self, row: Row, timing: Timing, best: bool) -> None:
        spent = time.monotonic() - self.started
        self.done += 1  # in this process: a resumed run has more behind it
        left = spent / self.done * (self.plan.epochs - row.epoch)
        self._say(
            self._line(
                f"{row.epoch}/{self.plan.epochs}",
                loss_text(row.train_loss),
                _error(row.train_error),
                loss_text(row.validation_loss),
                _error(row.validation_error),
                *(MEASURES[name].text(row.value(name)) for name in self.plan.metrics),
                f"{row.learning_rate:.4g}",
                f"{timing.samples_per_second:,.0f}",
                _duration(left),
            )
            + (" *" if best and row.validation_loss is not None else "")
        )

    def note(self, message: str) -> None:
        self._say(printable(message, 400))

    def changes(self, changes: Sequence[Change]) -> None:
        rows = [
            [printable(text, 40) for text in (change.key, change.was, change.now, change.verdict)]
            for change in changes
        ]
        self._say(table(["setting", "was", "now", ""], rows, left=4))

    def origin(self, origin: Origin) -> None:
        """What was loaded, and what was not: how many arrays, of which layers."""
        groups = {
            "loaded": origin.loaded,
            "new here": origin.new,
            "not here": origin.left,
            "other shape": origin.misfits,
            "frozen": [name for name in origin.loaded if name.rpartition("/")[0] in origin.frozen],
        }
        rows = [
            [kind, str(len(names)), printable(", ".join(_layers(names)), 80)]
            for kind, names in groups.items()
            if names
        ]
        average = ", averages" if origin.source.weights == "average" else ""
        order = ", by order" if origin.by == "order" else ""
        self._say(f"start from {shown_path(origin.source.file)}{average}{order}")
        self._say(table(["", "arrays", "of layers"], [[a, b, c] for a, b, c in rows], left=3))

    def _line(self, *cells: str) -> str:
        widths = (9, 9, 8, 9, 8, *(9 for _ in self.plan.metrics), 9, 9, 8)
        errors = () if self.plan.classification else (2, 4)
        shown = (i for i in range(len(cells)) if i not in errors)
        return " ".join(cells[i].rjust(widths[i]) for i in shown).rstrip()


class ProgressBar(ProgressLines):
    """A table on standard error that grows by one line an epoch, and below it a bar that follows
    the steps of the epoch, for a terminal or a notebook.

    >>> summary = cnntrain.fit("digits.yaml", run="runs/shown", progress=cnntrain.ProgressBar())
    """

    def __init__(self) -> None:
        super().__init__()
        self.bar: tqdm[Any] | None = None
        self.shown = 0.0

    def begin(self, plan: TrainingPlan) -> None:
        super().begin(plan)
        self.epoch_started, self.before = self.started, plan.samples_done
        self._try(lambda: self._open(plan.steps_per_epoch))

    def _open(self, steps: int) -> None:
        self.bar = tqdm(
            total=steps,
            file=sys.stderr,
            leave=False,
            dynamic_ncols=True,
            bar_format="{desc} |{bar}| {n_fmt}/{total_fmt}{postfix}",
        )

    def step(self, step: TrainingStep) -> None:
        now, bar = time.monotonic(), self.bar
        if bar is not None and now - self.shown >= REFRESH:
            self.shown = now
            self._try(lambda: self._draw(bar, step, now))

    def _draw(self, bar: tqdm[Any], step: TrainingStep, now: float) -> None:
        speed = (step.running.samples - self.before) / (now - self.epoch_started)
        error = f"  error {percent_of(step.running)}" if self.plan.classification else ""
        bar.n = step.batch
        bar.set_description_str(f"epoch {step.epoch}/{self.plan.epochs}", refresh=False)
        bar.set_postfix_str(
            f"loss {loss_text(step.running.risk)}{error}  rate {step.rate:.4g}  {speed:,.0f}/s",
            refresh=False,
        )
        bar.refresh()

    def epoch(self, row: Row, timing: Timing, best: bool) -> None:
        super().epoch(row, timing, best)
        self.epoch_started, self.before = time.monotonic(), 0

    def end(self) -> None:
        if self.bar is not None:
            self._try(self.bar.close)
        self.bar = None

    def _print(self, text: str) -> None:
        if self.bar is None:
            super()._print(text)
        else:
            tqdm.write(text, file=sys.stderr)


def percent_of(running: BatchTotals) -> str:
    """The zero-one error so far as a percentage."""
    return f"{100 * running.error:.2f} %"


def _error(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f} %"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _layers(arrays: Sequence[str]) -> list[str]:
    """The layers that arrays called like "conv1/weight" belong to, each once."""
    return list(dict.fromkeys(name.rpartition("/")[0] for name in arrays))
