"""The end of a run, and its best epoch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from cnntrain.config import Config
from cnntrain.metrics import MEASURES, cost
from cnntrain.optim.stopping import (
    ConvergenceCounter,
    EarlyStoppingCounter,
    StoppingCounter,
    TargetErrorCounter,
)
from cnntrain.runs.rows import Row


class End(NamedTuple):
    """How a run ended: the status and reason in its summary, and its exit code (None: that of the
    signal that ended it)."""

    status: str
    reason: str
    exit_code: int | None


def stopping_counters(config: Config) -> list[StoppingCounter]:
    """What can end training before the last epoch; of several, the first in the list counts."""
    counters: list[StoppingCounter] = []
    if config.early_stopping != "none":
        counters.append(EarlyStoppingCounter(config.early_stopping))
    if config.convergence != "none":
        counters.append(ConvergenceCounter(config.convergence))
    if config.target_error != "none":
        counters.append(TargetErrorCounter(config.target_error))
    return counters


def first_end(rules: Iterable[StoppingCounter], row: Row, best_epoch: int) -> End | None:
    """Show the epoch of `row` to all rules; the end that the first of them calls for, if any."""
    reasons = [(rule.status, rule.update(row)) for rule in rules]
    for status, reason in reasons:
        if reason is not None:
            best = f", best at epoch {best_epoch}" if status == "early_stopped" else ""
            return End(status, reason + best, 0)
    return None


@dataclass
class Best:
    """The epoch with the best value of `monitor`, of equals that with the smallest validation loss,
    then the earliest.

    Zero-one errors are multiples of 1/n, so ties are normal.  `epoch` is 0 before the first.
    """

    monitor: str
    value: float = math.inf
    loss: float = math.inf
    epoch: int = 0

    def update(self, row: Row) -> bool:
        """Whether this epoch is the best so far; if so it is remembered.

        NaN never is.  Where what is monitored is not measured, for lack of a validation part, the
        last epoch is, and nothing is remembered.
        """
        if row.validation_loss is None and MEASURES[self.monitor].validated:
            return True
        value = row.value(self.monitor)
        loss = math.inf if row.validation_loss is None else row.validation_loss
        better = not math.isnan(value) and (
            self.epoch == 0 or self._rank(value, loss) < self._rank(self.value, self.loss)
        )
        if better:
            self.value, self.loss, self.epoch = value, loss, row.epoch
        return better

    def _rank(self, value: float, loss: float) -> tuple[float, float]:
        return cost(self.monitor, value), loss

    def state(self) -> dict[str, Any]:
        """As JSON can hold it, for a checkpoint."""
        known = self.epoch > 0
        loss = self.loss if known and math.isfinite(self.loss) else None
        return {"epoch": self.epoch, "value": self.value if known else None, "loss": loss}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.epoch = state["epoch"]
        self.value = math.inf if state["value"] is None else state["value"]
        self.loss = math.inf if state["loss"] is None else state["loss"]
