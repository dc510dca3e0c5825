"""What may be scored: as validation or test, never a sample that the network was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data import Dataset, load_dataset
from cnntrain.errors import CnntrainError, DataError
from cnntrain.models.model import Model
from cnntrain.runs.directory import RunDirectory
from cnntrain.text import shown_path

Array = NDArray[Any]


def check_unseen(model: Model, dataset: Dataset, split: str) -> str | None:
    """Raise DataError where samples of the part `split` were trained on.

    The parts of the run itself are as they were, and are not looked at again.  In other data, or
    other parts of the same, samples are recognised by their bytes.  A warning is returned where it
    is not known what the network was trained on.
    """
    if split == "train" or is_own(model, dataset):
        return None
    trained = _trained_on(model)
    if trained is None:
        return (
            f"what {shown_path(model.path)} was trained on is not here, so that samples it has "
            "seen are not told apart"
        )
    part = dataset.part(split)
    seen = int(np.isin(part.digests, trained).sum())
    if seen:
        raise DataError(
            f"{seen:,} of these {len(part):,} {split} samples are among those that "
            f"{shown_path(model.path)} was trained on (evaluate on the parts that it was trained "
            "with, or on data of which it has seen none)"
        )
    return None


def is_own(model: Model, dataset: Dataset) -> bool:
    """Whether these are the data, in the parts, that the model was trained with."""
    return (dataset.fingerprint, dataset.split_hash) == (model.data_hash, model.split_hash)


def run_of(checkpoint: Path) -> RunDirectory | None:
    """The run directory that a checkpoint lies in, if it lies in one."""
    try:
        return RunDirectory.find(checkpoint.parent.parent)
    except CnntrainError:
        return None


def _trained_on(model: Model) -> Array | None:
    """Digests of the samples of the training part, from the run's directory or from the data, if
    these are still what they were; None where neither is here."""
    run = run_of(model.path)
    found = None if run is None else run.read_split().get("train_digests")
    if found is not None:
        return found
    try:
        dataset = load_dataset(model.config.data)
    except CnntrainError:
        return None
    return dataset.train.digests if is_own(model, dataset) else None
