"""The content of a checkpoint: the state of a run at one moment, and what its model needs.

Nothing in it depends on the time, the host, the path of the run or how often it was interrupted:
the same training gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationError, model_validator

from cnntrain.data.class_names import name_problem
from cnntrain.errors import CheckpointError
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.losses.class_weights import Weight
from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint_names import epoch_name, step_name
from cnntrain.runs.metrics import Row, Weights
from cnntrain.runs.metrics_digest import MetricsDigest
from cnntrain.runs.position import Position
from cnntrain.runs.records import Record, first_problem
from cnntrain.runs.summary import EpochPoint
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.nn.network import Network
    from cnntrain.nn.parameters import Parameters

Array = NDArray[Any]
Numbers = float | list[float] | list[list[list[float]]]
OPTIMIZER = "optimizer/"  # before the names of the optimizer's arrays
AVERAGE = "average/"  # before the names of parameters and buffers that are averages
RECORD_SIZE = 2**13  # bytes that all but the arrays takes, roughly


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


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A checkpoint: parameters and buffers of the network by name, such as "conv1/weight", the
    arrays that the optimizer remembers, the record of everything else, and the averages of
    parameters and buffers, float64, where the run takes them."""

    named_arrays: Mapping[str, Array]
    optimizer_state: Mapping[str, Array]
    record: CheckpointRecord
    named_averages: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Checkpoint:
        """The checkpoint in a file, verified.

        Raises NotFoundError where there is no file, CheckpointError where it is no checkpoint of
        a run, or cannot be read.
        """
        return cls._of(*checkpoint_file.read(path), shown_path(path))

    @classmethod
    def decode(cls, data: bytes, name: str) -> Checkpoint:
        """The checkpoint in the bytes of a file, called `name` in messages.

        Raises CheckpointError where they are none.
        """
        return cls._of(*checkpoint_file.decode(data, name), name)

    @classmethod
    def _of(cls, arrays: Mapping[str, Array], metadata: Mapping[str, Any], name: str) -> Checkpoint:
        try:
            record = CheckpointRecord.parse(metadata)
        except ValueError as error:
            raise CheckpointError(
                f"{name}: not a cnntrain checkpoint ({printable(error)})"
            ) from None
        groups: dict[str, dict[str, Array]] = {OPTIMIZER: {}, AVERAGE: {}, "": {}}
        for name, array in arrays.items():
            prefix = next(prefix for prefix in groups if name.startswith(prefix))
            groups[prefix][name.removeprefix(prefix)] = array
        return cls(groups[""], groups[OPTIMIZER], record, groups[AVERAGE])

    def encode(self) -> bytes:
        """The bytes of its file."""
        arrays = {
            **self.named_arrays,
            **{f"{OPTIMIZER}{name}": array for name, array in self.optimizer_state.items()},
            **{f"{AVERAGE}{name}": array for name, array in self.named_averages.items()},
        }
        return checkpoint_file.encode(arrays, self.record.model_dump())

    @property
    def better_weights(self) -> Weights:
        """Whether its own w or the average was better at the end of its last complete epoch."""
        row = self.record.row
        return "own" if row is None or not self.named_averages else row.better_weights

    def vectors(self, network: Network, weights: Weights = "own") -> tuple[Array, Array]:
        """The flat parameter vector of `network`, and its buffers.

        Raises KeyError or ValueError where the arrays are not those of this network.
        """
        if weights == "average":
            w, buffers = self.averages(network)
            return w.astype(network.dtype), buffers.astype(network.dtype)
        arrays, dtype = self.named_arrays, network.dtype
        w = _vector(network.parameters, network.names, arrays, dtype)
        return w, _vector(network.buffers, network.names, arrays, dtype)

    def averages(self, network: Network) -> tuple[Array, Array]:
        """The averages of both, float64.  Raises KeyError or ValueError likewise."""
        arrays, dtype = self.named_averages, np.dtype(np.float64)
        w = _vector(network.parameters, network.names, arrays, dtype)
        return w, _vector(network.buffers, network.names, arrays, dtype)


def _vector(
    entries: Parameters, names: Sequence[str], arrays: Mapping[str, Array], dtype: np.dtype[Any]
) -> Array:
    """The flat vector of `entries`, of the layers called `names`."""
    found = []
    for entry in entries:  # before memory is taken for them
        name = f"{names[entry.layer]}/{entry.name}"
        array = arrays[name]
        if array.shape != entry.shape or array.dtype != dtype:
            raise ValueError(f"{name} does not have the shape that its config gives it")
        found.append(array)
    vector = np.empty(entries.count, dtype=dtype)
    for entry, array in zip(entries, found, strict=True):
        entry.view(vector)[...] = array
    return vector


def size_of(arrays: Iterable[Array]) -> int:
    """About how many bytes a checkpoint with these arrays takes."""
    return sum(array.nbytes for array in arrays) + RECORD_SIZE
