"""How a run ends, what can end it early, and which epoch was best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from cnntrain.config import Config
from cnntrain.optim.stopping import (
    ConvergenceCounter,
    EarlyStoppingCounter,
    StoppingCounter,
    TargetErrorCounter,
)


class End(NamedTuple):
    """How a run ended: the status and reason in its summary, and its exit code."""

    status: str
    reason: str
    exit_code: int


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


@dataclass
class Best:
    """The epoch with the smallest (monitored value, tie-breaking loss), the earliest of equals.

    Zero-one errors are multiples of 1/n, so ties are normal.  `epoch` is 0 before the first.
    """

    value: float = math.inf
    loss: float = math.inf
    epoch: int = 0

    def update(self, epoch: int, value: float, loss: float) -> bool:
        """Whether this epoch is the best so far; if so it is remembered.  NaN never is."""
        better = not math.isnan(value) and (
            self.epoch == 0 or (value, loss) < (self.value, self.loss)
        )
        if better:
            self.value, self.loss, self.epoch = value, loss, epoch
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
