"""All that a checkpoint holds beside arrays.

Nothing in it depends on the time, the host, the path of the run or how often it was interrupted:
the same training gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field, ValidationError, model_validator

from cnntrain.data.class_names import name_problem
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.losses.class_weights import Weight
from cnntrain.runs.checkpoint_names import epoch_name, step_name
from cnntrain.runs.metrics_digest import MetricsDigest
from cnntrain.runs.position import Position
from cnntrain.runs.records import Record, first_problem
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import EpochPoint

Numbers = float | list[float] | list[list[list[float]]]


class TrainerState(Record):
    """Where training stood: its position, the sums over the current epoch's batches so far, the
    counters of `Plateau.state` where the phase lowers the rate on a plateau, and the updates of the
    average where there is one."""

    at: Position
    running: BatchTotals
    plateau: dict[str, Any] | None
    averaged: int | None = Field(None, ge=0)


class BestState(Record):
    """The best epoch so far, 0 before the first, with its monitored value and the loss that breaks
    ties; see `Best`."""

    epoch: int
    value: float | None
    loss: float | None


class Statistics(Record):
    """Those of a `Standardizer`, of shape (), (C,) or (H, W, C)."""

    mean: Numbers
    std: Numbers


class Inputs(Record):
    """Type, smallest and largest value of the raw training inputs; see `InputRange`."""

    dtype: str
    minimum: float
    maximum: float


class CheckpointRecord(Record):
    """All that a checkpoint holds but for arrays; its fields are the keys in the file.

    config         the settings that contents depend on, see `config_for_checkpoint`
    epoch          epochs completed; `step` and `samples` as in `trainer.at`
    class_names    None where the targets are real numbers
    data_sha256    fingerprint of the data, `split_sha256` that of their parts
    row            the last row of metrics.csv, None before the first epoch is complete
    rules          counters of the stopping rules, by status
    best           the early-stopping point so far, `best_counter` what it is compared by
    end            how the run ended at this moment: status, reason and exit code; None: it goes on
    inputs         range of the training inputs, None in checkpoints of versions before 0.3
    class_weights  numbers that the loss weighs classes with, None where all count alike
    origin         digest of the checkpoint that w_0 is from, None where it was random
    metrics        digest of metrics.csv at this moment
    sha256         digest of the file, filled in as it is written

    Whether rules and layers fit the config shows when they are used.
    """

    model_config = ConfigDict(frozen=True)

    config: dict[str, Any]
    epoch: int = Field(ge=0)
    step: int = Field(ge=0)
    samples: int = Field(ge=0)
    trainer: TrainerState
    input_shape: tuple[int, ...] = Field(min_length=1)
    outputs: int = Field(gt=0)
    class_names: tuple[str, ...] | None
    standardizer: Statistics
    data_sha256: str
    split_sha256: str
    row: Row | None
    rules: dict[str, dict[str, Any]]
    best: EpochPoint | None
    best_counter: BestState
    end: tuple[str, str, int | None] | None
    metrics: MetricsDigest
    inputs: Inputs | None = None
    class_weights: tuple[Weight, ...] | None = None
    origin: str | None = None
    sha256: str = ""

    @classmethod
    def parse(cls, metadata: Mapping[str, Any]) -> CheckpointRecord:
        """The record in the metadata of a file.  Raises ValueError where they are none."""
        try:
            return cls.model_validate_json(json.dumps(metadata))
        except ValidationError as error:
            raise ValueError(first_problem(error)) from None

    @property
    def within_epoch(self) -> bool:
        """Whether it is from the middle of an epoch."""
        return self.trainer.at.batch > 0

    @property
    def name(self) -> str:
        """What its file is called."""
        return step_name(self.step) if self.within_epoch else epoch_name(self.epoch)

    @model_validator(mode="after")
    def _position(self) -> CheckpointRecord:
        at = self.trainer.at
        same = (self.epoch, self.step, self.samples) == (at.completed, at.step, at.samples)
        if not (same and at.possible):
            raise ValueError("trainer.at: no run comes to this position")
        return self

    @model_validator(mode="after")
    def _model(self) -> CheckpointRecord:
        if self.class_names is not None and len(self.class_names) != self.outputs:
            raise ValueError(f"{len(self.class_names)} class names for {self.outputs} outputs")
        if self.class_weights is not None and len(self.class_weights) != self.outputs:
            raise ValueError(f"{len(self.class_weights)} class weights for {self.outputs} outputs")
        if self.class_names and (wrong := name_problem(self.class_names)):
            raise ValueError(f"class_names: {wrong}")
        shape = self.input_shape
        if any(size < 1 for size in shape):
            raise ValueError(f"input_shape {shape}")
        for name in ("mean", "std"):
            values = np.array(getattr(self.standardizer, name), dtype=float)
            if values.shape not in {(), shape[-1:], shape} or not np.isfinite(values).all():
                raise ValueError(f"standardizer.{name}: not finite numbers of shape {shape}")
        return self
