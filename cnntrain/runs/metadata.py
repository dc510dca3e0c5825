"""What the metadata of a checkpoint must be, whoever has written it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from pydantic import Field, ValidationError, model_validator

from cnntrain.nn.losses import BatchTotals
from cnntrain.runs.metrics import Row
from cnntrain.runs.position import Position
from cnntrain.runs.summary import Checked, CheckedPoint, first_problem


class Recorded(Checked):
    """Length and SHA-256 of metrics.csv at the time."""

    bytes: int = Field(ge=0)
    digest: str


class TrainerState(Checked):
    """See `Trainer.state`."""

    at: Position
    running: BatchTotals
    plateau: dict[str, Any] | None


class BestState(Checked):
    """See `Best.state`."""

    epoch: int
    value: float | None
    loss: float | None


class Statistics(Checked):
    """See `Standardizer.to_json`: numbers, or nested lists of them."""

    mean: Any
    std: Any


class Metadata(Checked):
    """See `state.save`.  Whether layers and counters fit the config shows when they are used."""

    config: dict[str, Any]
    epoch: int = Field(ge=0)
    step: int = Field(ge=0)
    samples: int = Field(ge=0)
    trainer: TrainerState
    input_shape: list[int] = Field(min_length=1)
    outputs: int = Field(gt=0)
    class_names: list[str] | None
    standardizer: Statistics
    data_sha256: str
    split_sha256: str
    row: Row | None
    rules: dict[str, dict[str, Any]]
    best: CheckedPoint | None
    best_counter: BestState
    end: tuple[str, str, int] | None
    metrics: Recorded

    @model_validator(mode="after")
    def _consistent(self) -> Metadata:
        if self.class_names is not None and len(self.class_names) != self.outputs:
            raise ValueError(f"{len(self.class_names)} class names for {self.outputs} outputs")
        if self.best is not None and self.best.model_fields_set != set(CheckedPoint.model_fields):
            raise ValueError("best is no epoch's point")
        if any(size < 1 for size in self.input_shape):
            raise ValueError(f"input_shape {self.input_shape}")
        shape = tuple(self.input_shape)
        for name in ("mean", "std"):
            values = np.array(getattr(self.standardizer, name), dtype=float)
            if values.shape not in {(), shape[-1:], shape} or not np.isfinite(values).all():
                raise ValueError(f"standardizer.{name}: not finite numbers of shape {shape}")
        return self


def check(metadata: dict[str, Any]) -> None:
    """Raise ValueError where `metadata` are not those of a checkpoint."""
    try:
        Metadata.model_validate_json(json.dumps(metadata))
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None
