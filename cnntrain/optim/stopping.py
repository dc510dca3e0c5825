"""Rules for stopping before the last epoch (Section 4, "Early Termination").

A rule has its settings in the config; its counter is asked after each epoch, and what it counts
goes into the checkpoint as plain numbers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from cnntrain.metrics import Column, cost
from cnntrain.optim.patience import DELTA, MONITOR, Delta, Patience, late, too_large
from cnntrain.settings import Doubt, Section, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import Count, Number


class Measures(Protocol):
    """What an epoch came to, by column of metrics.csv."""

    def value(self, name: str) -> float:
        """The number in column `name`, NaN for an empty cell."""
        ...


class StoppingCounter(ABC):
    """One reason to stop; `status` is how a run that it stops has ended."""

    status: ClassVar[str]

    @abstractmethod
    def update(self, epoch: Measures) -> str | None:
        """Take in an epoch; why to stop now, or None."""

    def reset(self) -> None:  # noqa: B027  a rule need not count anything
        """Another phase begins: counters start anew."""

    def state(self) -> dict[str, Any]:
        """What is counted, for the checkpoint."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:  # noqa: B027  likewise
        """Go on from what `state` gave."""


class EarlyStopping(Section):
    """Stop when what is monitored has not got better for a while."""

    monitor: Column = setting(MONITOR, "validation_error")
    patience: Count = setting("Epochs in a row without improvement after which training stops.", 5)
    min_delta: Delta = setting(DELTA, 0.0)

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from late(self.patience, epochs)
        yield from too_large(self.monitor, self.min_delta)


class EarlyStoppingCounter(StoppingCounter):
    """Stops when the monitored value has got no better for a while."""

    status = "early_stopped"

    def __init__(self, rule: EarlyStopping) -> None:
        self.monitor, self.patience = rule.monitor, Patience(rule.patience, rule.min_delta)

    def update(self, epoch: Measures) -> str | None:
        if not self.patience.update(cost(self.monitor, epoch.value(self.monitor))):
            return None
        return f"no improvement of {self.monitor} in {self.patience.misses} epochs"

    def reset(self) -> None:
        self.patience.reset()

    def state(self) -> dict[str, Any]:
        return self.patience.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.patience.restore(state)


class Convergence(Section):
    """Stop when steps make little progress, whatever the validation part says.
    Give one bound or both; an epoch counts if it stays below one of them.
    """

    step_norm: Number = setting("Bound for the length of the epoch's last step in w.", "none")
    loss_decrease: Number = setting(
        "Bound for the change of the training loss in an epoch.", "none"
    )
    patience: Count = setting("Epochs in a row that must stay below.", 3)

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        if self.patience >= epochs:
            yield "patience", exceeds(self.patience, epochs, "it changes nothing")


class ConvergenceCounter(StoppingCounter):
    """Stops as one does outside machine learning: when the norm of w_t - w_(t-1) or the change of
    L_T from epoch to epoch stays below its bound for `patience` epochs in a row."""

    status = "converged"

    def __init__(self, rule: Convergence) -> None:
        self.rule = rule
        self.loss: float | None = None
        self.epochs = 0

    def update(self, epoch: Measures) -> str | None:
        loss, bounds, small = epoch.value("train_loss"), self.rule, []
        change = math.inf if self.loss is None else abs(self.loss - loss)
        self.loss = loss
        if bounds.step_norm != "none" and epoch.value("step_norm") < bounds.step_norm:
            small.append(f"steps are shorter than {bounds.step_norm:g}")
        if bounds.loss_decrease != "none" and change < bounds.loss_decrease:
            small.append(f"the training loss changes by less than {bounds.loss_decrease:g}")
        self.epochs = self.epochs + 1 if small else 0
        if self.epochs < bounds.patience:
            return None
        return f"{' and '.join(small)}, {self.epochs} epochs in a row"

    def reset(self) -> None:
        self.loss, self.epochs = None, 0

    def state(self) -> dict[str, Any]:
        return {"loss": self.loss, "epochs": self.epochs}

    def restore(self, state: dict[str, Any]) -> None:
        self.loss, self.epochs = state["loss"], state["epochs"]


class TargetErrorCounter(StoppingCounter):
    """Stops when the zero-one error has come down to `target`: on the validation part, or on the
    training part where there is none."""

    status = "target_reached"

    def __init__(self, target: float) -> None:
        self.target = target

    def update(self, epoch: Measures) -> str | None:
        name = "validation_error"
        if math.isnan(value := epoch.value(name)):
            name = "train_error"
            value = epoch.value(name)
        return f"{name} {value:.4g} is at most {self.target:g}" if value <= self.target else None
