"""The rows of metrics.csv and timings.csv, one an epoch, of steps.csv and of layers.csv."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Literal

from cnntrain.metrics import METRICS

Number = int | float | None
Weights = Literal["own", "average"]  # w itself, or its average


@dataclass(frozen=True)
class Row:
    """The results of an epoch; None, an empty cell, where one does not apply.

    step, samples      steps taken and samples whose gradient was computed since w_0
    learning_rate      of the epoch's last step
    train_*            means over the epoch's batches while w moved
    validation_*       at the epoch's last w
    train_risk,
    train_zero_one     loss and error on the whole training part at the epoch's last w; only with
                       `evaluate_train: full`
    balanced_error, ...
                       METRICS (cnntrain/metrics.py) of the validation part, only where they are
                       asked for or watched
    *_loss, *_error    risk L_T (equation 1) and zero-one risk
    step_norm          ||w_t - w_(t-1)|| of the epoch's last step
    average_*          as validation_*, of the average of w; only with `average`
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
    balanced_error: float | None = None
    macro_f1: float | None = None
    top5_error: float | None = None
    average_validation_loss: float | None = None
    average_validation_error: float | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """Those of the validation part that were measured, by name."""
        return {name: value for name in METRICS if (value := getattr(self, name)) is not None}

    @property
    def better_weights(self) -> Weights:
        """Whether w or its average is better on the validation part, by the error, or the loss of
        a regression; w where they are as good, or where there is nothing to compare."""
        own, average = self.validation_error, self.average_validation_error
        if own is None:
            own, average = self.validation_loss, self.average_validation_loss
        return "own" if own is None or average is None or own <= average else "average"

    def value(self, name: str) -> float:
        """The number in column `name`, NaN for an empty cell."""
        number = getattr(self, name)
        return float("nan") if number is None else float(number)


@dataclass(frozen=True)
class Timing:
    """The cost of an epoch.

    seconds             including validation and saving
    samples_per_second  of the steps alone
    gradients, losses,
    products            samples of which the optimizer asked for the gradient, for the loss alone,
                        and for a product with the Gauss-Newton matrix
    peak_mib            largest memory of the process so far, in MiB; None where unknown
    """

    epoch: int
    seconds: float
    samples_per_second: float
    gradients: int
    losses: int
    products: int
    peak_mib: float | None


@dataclass(frozen=True)
class StepRow:
    """One step: the loss of its batch before it, the norm of the gradient there (None where the
    optimizer asks for no gradient) and the norm of the step."""

    step: int
    samples: int
    learning_rate: float
    loss: float
    gradient_norm: float | None
    step_norm: float


@dataclass(frozen=True)
class LayerRow:
    """One layer in one epoch; None, an empty cell, where one does not apply.

    layer           its name; layers with parameters that are trained, and ReLUs
    gradient_norm   norm of the layer's part of the gradient in the epoch's last step, before it is
                    clipped; None where the optimizer asks for no gradient
    weight_norm     of the layer's part of w before that step, ||w_(t-1)||
    update_ratio    ||w_t - w_(t-1)|| / ||w_(t-1)|| of the layer's part; None where w_(t-1) is 0
    dead            of a ReLU: the share of its units, channels where it has any, that are 0 for all
                    samples of the probe, the first of the training part, at the epoch's last w
    """

    epoch: int
    layer: str
    gradient_norm: float | None
    weight_norm: float | None
    update_ratio: float | None
    dead: float | None


AnyRow = Row | Timing | StepRow | LayerRow


def columns(kind: type[AnyRow], extra: Collection[str] = ()) -> list[str]:
    """The columns of a table: those that every run has, and of the others the `extra` ones."""
    return [field.name for field in fields(kind) if field.default is MISSING or field.name in extra]


def csv_line(row: AnyRow, names: Sequence[str]) -> str:
    """A row as a line of CSV, from which the same numbers are read back."""
    values: list[Number | str] = [getattr(row, name) for name in names]
    return ",".join("" if value is None else str(value) for value in values)
