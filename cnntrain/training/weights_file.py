"""The file that weights come from: a checkpoint, or a state_dict that PyTorch wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from cnntrain.data import Dataset
from cnntrain.errors import CheckpointError
from cnntrain.nn.shapes import Array
from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.durable import is_folder
from cnntrain.runs.reader import Run
from cnntrain.text import printable, shown_path

STATISTICS = ("mean", "std")  # of raw inputs, in what `export --to torch` writes


@dataclass(frozen=True)
class WeightsFile:
    """The file that weights are from.

    sha256      its digest
    foreign     whether PyTorch wrote it
    weights     "own", or "average" where its averages are taken: the better ones
    data_sha256, split_sha256
                what it was trained on, as in run.json; "" where the file does not tell
    statistics  of the raw inputs, "mean" and "std", if a state_dict has them
    """

    file: Path
    sha256: str
    foreign: bool
    weights: str = "own"
    data_sha256: str = ""
    split_sha256: str = ""
    statistics: Mapping[str, Array] = field(default_factory=dict)

    def standardizes_otherwise(self, dataset: Dataset) -> bool:
        """Whether it tells how raw inputs are standardised, and with other numbers than here."""
        for name, there in self.statistics.items():
            here = getattr(dataset.standardizer, name)
            there = np.moveaxis(there, 0, -1) if there.ndim == 3 else there  # (C, H, W)
            try:
                if not np.allclose(there, here, rtol=1e-5):
                    return True
            except ValueError:  # of other shapes
                return True
        return False


def read(path: Path) -> tuple[WeightsFile, Mapping[str, Array]]:
    """The file, or the best checkpoint of the run, at `path`; and its arrays by name.

    Raises NotFoundError where there is none, CheckpointError where it is damaged.
    """
    file = Run(path).best if is_folder(path) else path
    data, name = checkpoint_file.contents(file), shown_path(file)
    if checkpoint_file.is_foreign(data):
        arrays, sha256 = _state_dict(data, name)
        statistics = {key: arrays[key] for key in STATISTICS if key in arrays}
        return WeightsFile(file, sha256, foreign=True, statistics=statistics), arrays
    checkpoint = Checkpoint.decode(data, name)
    record, weights = checkpoint.record, checkpoint.better_weights
    source = WeightsFile(
        file=file,
        sha256=record.sha256,
        foreign=False,
        weights=weights,
        data_sha256=record.data_sha256,
        split_sha256=record.split_sha256,
    )
    return source, checkpoint.named_averages if weights == "average" else checkpoint.named_arrays


def _state_dict(data: bytes, name: str) -> tuple[dict[str, Array], str]:
    """The arrays in the bytes of a safetensors file, called `name` in messages, and its digest.

    Raises CheckpointError where it is damaged, or holds what is no array of numbers.
    """
    try:
        arrays = load(data)
    except KeyError as error:  # a type that NumPy has not
        raise CheckpointError(
            f"{name}: it holds {printable(error.args[0])}, expected F32, F16 or F64 "
            "(model.float().state_dict() has F32)"
        ) from None
    except (SafetensorError, ValueError) as error:
        raise CheckpointError(f"{name}: damaged: {printable(error)}") from None
    return arrays, hashlib.sha256(data).hexdigest()
