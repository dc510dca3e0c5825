"""From the `data` section of a config to a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config.data import Digits, Idx, Npz
from cnntrain.data.checks import absent_classes, checked
from cnntrain.data.dataset import PARTS, Dataset, Part, Source, digest
from cnntrain.data.leakage import shared_samples
from cnntrain.data.sources import digits, idx, npz
from cnntrain.data.split import take
from cnntrain.data.standardize import Standardizer
from cnntrain.errors import DataError

Array = NDArray[Any]


def load_dataset(data: Digits | Idx | Npz, outputs: int | None = None) -> Dataset:
    """Read, check, split and measure what `data` describes.

    outputs   of the classifier that is to be fed, where known: labels are below it

    Raises DataError.
    """
    source = checked(_read(data), outputs)
    parts = _parts(data, source)
    return Dataset(
        parts=parts,
        class_names=source.class_names,
        standardizer=Standardizer.fit(data.standardize, source.train.x, parts["train"].indices),
        fingerprint=_fingerprint(source),
        warnings=_warnings(source, parts),
    )


def _read(data: Digits | Idx | Npz) -> Source:
    if isinstance(data, Digits):
        return digits.read()
    if isinstance(data, Npz):
        return npz.read(Path(data.path), data.axes)
    if data.directory is not None:
        return idx.read(idx.standard_paths(Path(data.directory), data.test == "none"))
    named = {name: getattr(data, name) for name in idx.NAMES}
    return idx.read({name: Path(path) for name, path in named.items() if path is not None})


def _parts(data: Digits | Idx | Npz, source: Source) -> dict[str, Part]:
    """The parts that the source brings along, or else that are split off its training pair."""
    parts = {name: Part(pair, np.arange(len(pair))) for name, pair in source.pairs.items()}
    for name in ("test", "validation"):
        share = getattr(data, name)
        if share == "none":
            continue
        if name in parts:
            raise DataError(
                f"data.{name} is {share}, but the data have a {name} part of their own "
                f"(leave data.{name} out)"
            )
        left, taken = take(source.train.y, parts["train"].indices, share, name, data.split_seed)
        parts |= {"train": Part(source.train, left), name: Part(source.train, taken)}
    return {name: parts[name] for name in PARTS if name in parts}


def _fingerprint(source: Source) -> str:
    return digest(
        {
            f"{kind}_{name}": array
            for name, pair in source.pairs.items()
            for kind, array in (("x", pair.x), ("y", pair.y))
        }
    )


def _warnings(source: Source, parts: dict[str, Part]) -> tuple[str, ...]:
    """What is odd about the data, for people."""
    names = source.class_names
    absent = absent_classes(parts["train"].labels, len(names)) if names else []
    return (*source.warnings, *absent, *shared_samples(parts))
