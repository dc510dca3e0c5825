"""A checkpoint: the state of a run at one moment, and what its model needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnntrain.errors import CheckpointError
from cnntrain.nn.shapes import Array
from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint_record import CheckpointRecord
from cnntrain.runs.rows import Weights
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.nn.network import Network
    from cnntrain.nn.parameters import Parameters

OPTIMIZER = "optimizer/"  # before the names of the optimizer's arrays
AVERAGE = "average/"  # before the names of parameters and buffers that are averages
RECORD_SIZE = 2**13  # bytes that all but the arrays takes, roughly


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
