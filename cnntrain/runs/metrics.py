"""The rows of metrics.csv and timings.csv, one an epoch, and of steps.csv."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

Number = int | float | None


@dataclass(frozen=True)
class Row:
    """What an epoch came to; None where something does not apply (an empty cell).

    step, samples      steps taken and samples whose gradient was computed since w_0
    learning_rate      of the epoch's last step
    train_*            means over the epoch's batches while w moved
    validation_*       at the epoch's last w
    train_risk,
    train_zero_one     loss and error on the whole training part at the epoch's last w; columns
                       of a run that asks for them
    *_loss, *_error    risk L_T (equation 1) and zero-one risk
    step_norm          ||w_t - w_(t-1)|| of the epoch's last step
    """

    epoch: int
    step: int
    samples: int
    learning_rate: float
    train_loss: float
    train_error: float | None
    validation_loss: float | None
    validation_error: float | None
    step_norm: float
    train_risk: float | None = None
    train_zero_one: float | None = None

    def value(self, name: str) -> float:
        """The number in column `name`, NaN for an empty cell."""
        number = getattr(self, name)
        return float("nan") if number is None else float(number)


@dataclass(frozen=True)
class Timing:
    """What an epoch cost.

    seconds             validation and saving included
    samples_per_second  of the steps alone
    gradients, losses,
    products            samples whose gradient, whose loss alone, and whose product with the
                        Gauss-Newton matrix the optimizer asked for
    peak_mib            largest memory of the process so far, in MiB; None where unknown
    """

    epoch: int
    seconds: float
    samples_per_second: float
    gradients: int
    losses: int
    products: int
    peak_mib: float | None


def peak_memory() -> float | None:
    """The largest resident memory of this process so far in MiB; None where unknown."""
    try:  # Linux; getrusage would count the program that started this one as well
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 2**10, 1)
    except (OSError, ValueError):
        pass
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


@dataclass(frozen=True)
class StepRow:
    """One row of steps.csv: a step, with the loss of its batch before it and the norms of the
    gradient there (None where no gradient was asked for) and of the step."""

    step: int
    samples: int
    learning_rate: float
    loss: float
    gradient_norm: float | None
    step_norm: float


def columns(kind: type[Row] | type[Timing] | type[StepRow], full: bool = True) -> list[str]:
    """The columns of a file; without `full` those of metrics.csv that every run has."""
    names = [field.name for field in fields(kind)]
    return names if full else [name for name in names if name not in FULL]


FULL = {"train_risk", "train_zero_one"}


def csv_line(row: Row | Timing | StepRow, names: Sequence[str]) -> str:
    """One line of CSV; reading a number back gives the same value."""
    values: list[Number] = [getattr(row, name) for name in names]
    return ",".join("" if value is None else repr(value) for value in values)
