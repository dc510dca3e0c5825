"""When to stop (Section 4, "Early Termination"), and which epoch is best.

Rules see the metrics of each epoch; their counters are plain numbers that go into the checkpoint.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from cnntrain.config import Config
from cnntrain.optim.patience import Patience
from cnntrain.runs.metrics import Row


class End(NamedTuple):
    """How a run ended: the status and reason in its summary, and its exit code (None: that of the
    signal that ended it)."""

    status: str
    reason: str
    exit_code: int | None


class StoppingRule(ABC):
    """One reason to stop before the last epoch; `status` is how the run then ended."""

    status: ClassVar[str]

    @abstractmethod
    def update(self, row: Row) -> str | None:
        """Take in an epoch; why to stop now, or None."""

    def reset(self) -> None:  # noqa: B027  a rule need not count anything
        """Start the counters anew, since another phase begins."""

    def state(self) -> dict[str, Any]:
        """The counters, for the checkpoint."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:  # noqa: B027  likewise
        """Go on from what `state` gave."""


class EarlyStopping(StoppingRule):
    """Stop when the monitored value on the validation part has bottomed out."""

    status = "early_stopped"

    def __init__(self, monitor: str, patience: int, min_delta: float) -> None:
        self.monitor, self.patience = monitor, Patience(patience, min_delta)

    def update(self, row: Row) -> str | None:
        if not self.patience.update(row.value(self.monitor)):
            return None
        return f"no improvement of {self.monitor} in {self.patience.misses} epochs"

    def reset(self) -> None:
        self.patience.reset()

    def state(self) -> dict[str, Any]:
        return self.patience.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.patience.restore(state)


class Convergence(StoppingRule):
    """Stop when steps make little progress, as outside machine learning: when the norm of
    w_t - w_(t-1) or the change of L_T from epoch to epoch stays below its bound for `patience`
    epochs in a row.  A bound that is None asks nothing."""

    status = "converged"

    def __init__(self, step_norm: float | None, loss_decrease: float | None, patience: int) -> None:
        self.step_norm, self.loss_decrease, self.patience = step_norm, loss_decrease, patience
        self.loss: float | None = None
        self.epochs = 0

    def update(self, row: Row) -> str | None:
        change = math.inf if self.loss is None else abs(self.loss - row.train_loss)
        self.loss = row.train_loss
        small = []
        if self.step_norm is not None and row.step_norm < self.step_norm:
            small.append(f"steps are shorter than {self.step_norm:g}")
        if self.loss_decrease is not None and change < self.loss_decrease:
            small.append(f"the training loss changes by less than {self.loss_decrease:g}")
        self.epochs = self.epochs + 1 if small else 0
        if self.epochs < self.patience:
            return None
        return f"{' and '.join(small)}, {self.epochs} epochs in a row"

    def reset(self) -> None:
        self.loss, self.epochs = None, 0

    def state(self) -> dict[str, Any]:
        return {"loss": self.loss, "epochs": self.epochs}

    def restore(self, state: dict[str, Any]) -> None:
        self.loss, self.epochs = state["loss"], state["epochs"]


class TargetError(StoppingRule):
    """Stop when the zero-one error has come down to `target`: on the validation part, or on the
    training part where there is none."""

    status = "target_reached"

    def __init__(self, target: float) -> None:
        self.target = target

    def update(self, row: Row) -> str | None:
        name = "train_error" if row.validation_error is None else "validation_error"
        value = row.value(name)
        return f"{name} {value:.4g} is at most {self.target:g}" if value <= self.target else None


def stopping_rules(config: Config) -> list[StoppingRule]:
    """What can end training before the last epoch; of several, the first in the list counts."""
    rules: list[StoppingRule] = []
    if config.early_stopping != "none":
        stopping = config.early_stopping
        rules.append(EarlyStopping(stopping.monitor, stopping.patience, stopping.min_delta))
    if config.convergence != "none":
        bounds = config.convergence
        rules.append(
            Convergence(
                None if bounds.step_norm == "none" else bounds.step_norm,
                None if bounds.loss_decrease == "none" else bounds.loss_decrease,
                bounds.patience,
            )
        )
    if config.target_error != "none":
        rules.append(TargetError(config.target_error))
    return rules


def first_end(rules: Iterable[StoppingRule], row: Row, best_epoch: int) -> End | None:
    """Show the epoch of `row` to all rules; the end that the first of them calls for, if any."""
    reasons = [(rule.status, rule.update(row)) for rule in rules]
    for status, reason in reasons:
        if reason is not None:
            best = f", best at epoch {best_epoch}" if status == "early_stopped" else ""
            return End(status, reason + best, 0)
    return None


@dataclass
class Best:
    """The epoch with the smallest (value of `monitor`, validation loss), the earliest of equals.

    Zero-one errors are multiples of 1/n, so ties are normal.  `epoch` is 0 before the first.
    """

    monitor: str
    value: float = math.inf
    loss: float = math.inf
    epoch: int = 0

    def update(self, row: Row) -> bool:
        """Whether this epoch is the best so far; if so it is remembered.

        NaN never is.  Without a validation part the last epoch is, and nothing is remembered.
        """
        if row.validation_loss is None:
            return True
        value, loss = row.value(self.monitor), row.validation_loss
        better = not math.isnan(value) and (
            self.epoch == 0 or (value, loss) < (self.value, self.loss)
        )
        if better:
            self.value, self.loss, self.epoch = value, loss, row.epoch
        return better

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
