"""The file that weights come from: a checkpoint, or a state_dict that PyTorch wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from cnntrain.data import Dataset
from cnntrain.errors import CheckpointError
from cnntrain.nn.shapes import Array
from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.reader import Run
from cnntrain.storage.disk import is_folder
from cnntrain.text import printable, shown_path

STATISTICS = ("mean", "mean_rest", "std")  # of raw inputs, in what `export --to torch` writes
TOLERANCE = 1e-4  # standard deviations by which they may be others and give the same answers


@dataclass(frozen=True)
class WeightsFile:
    """The file that weights are from.

    sha256      its digest
    foreign     whether PyTorch wrote it
    weights     "own", or "average" where its averages are taken: the better ones
    data_sha256, split_sha256
                what it was trained on, as in run.json; "" where the file does not tell
    statistics  mean and std of the raw inputs, (C, H, W) or so, None where it does not tell
    """

    file: Path
    sha256: str
    foreign: bool
    weights: str = "own"
    data_sha256: str = ""
    split_sha256: str = ""
    statistics: tuple[Array, Array] | None = None

    def standardizes_otherwise(self, dataset: Dataset) -> bool:
        """Whether it tells how raw inputs are standardised, and with other numbers than here."""
        if self.statistics is None:
            return False
        here = dataset.standardizer
        mean, std = (np.moveaxis(a, 0, -1) if a.ndim == 3 else a for a in self.statistics)
        try:
            shift, scale = (mean - here.mean) / here.std, std / here.std
        except ValueError:  # of other shapes
            return True
        return not (np.allclose(shift, 0, atol=TOLERANCE) and np.allclose(scale, 1, atol=TOLERANCE))


def read(path: Path) -> tuple[WeightsFile, Mapping[str, Array]]:
    """The file, or the best checkpoint of the run, at `path`; and its arrays by name.

    Raises NotFoundError where there is none, CheckpointError where it is damaged.
    """
    file = Run(path).best if is_folder(path) else path
    data, name = checkpoint_file.contents(file), shown_path(file)
    if checkpoint_file.is_foreign(data):
        arrays, sha256 = _state_dict(data, name)
        return WeightsFile(file, sha256, foreign=True, statistics=_statistics(arrays)), arrays
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


def _statistics(arrays: Mapping[str, Array]) -> tuple[Array, Array] | None:
    if not {"mean", "std"} <= arrays.keys():
        return None
    mean, rest = arrays["mean"].astype(np.float64), arrays.get("mean_rest")
    if rest is not None and rest.shape == mean.shape:
        mean += rest
    return mean, arrays["std"]


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
