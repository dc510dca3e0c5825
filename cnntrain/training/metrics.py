"""The rows of metrics.csv and timings.csv: one an epoch."""

from __future__ import annotations

from dataclasses import dataclass, fields

Number = int | float | None


@dataclass(frozen=True)
class Row:
    """What an epoch came to; None where something does not apply (an empty cell).

    step, samples      steps taken and samples whose gradient was computed since w_0
    learning_rate      of the epoch's last step
    train_*            means over the epoch's batches while w moved
    validation_*       at the epoch's last w
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

    def value(self, name: str) -> float:
        """The number in column `name`, NaN for an empty cell."""
        number = getattr(self, name)
        return float("nan") if number is None else float(number)


@dataclass(frozen=True)
class Timing:
    """How long an epoch took, validation and saving included, and the speed of its steps."""

    epoch: int
    seconds: float
    samples_per_second: float


METRICS = ",".join(field.name for field in fields(Row))
TIMINGS = ",".join(field.name for field in fields(Timing))


def csv_line(row: Row | Timing) -> str:
    """One line of CSV; reading a number back gives the same value."""
    values: list[Number] = [getattr(row, field.name) for field in fields(row)]
    return ",".join("" if value is None else repr(value) for value in values)
