"""From the `data` section of a config to a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config.data import Digits, Idx, Npz
from cnntrain.data import digits, idx, npz
from cnntrain.data.checks import absent_classes, checked
from cnntrain.data.dataset import Dataset, Part, Source, digest
from cnntrain.data.shared import shared_samples
from cnntrain.data.split import take
from cnntrain.data.standardize import Standardizer
from cnntrain.errors import DataError

Array = NDArray[Any]


def load_dataset(data: Digits | Idx | Npz) -> Dataset:
    """Read, check, split and measure what `data` describes.  Raises DataError."""
    source = checked(_read(data))
    _check_shares(data, source)
    train = np.arange(len(source.train), dtype=np.int64)
    labels, seed = source.train.y, data.split_seed
    test, validation = source.test, source.validation
    train, test_indices = take(labels, train, "none" if test else data.test, "test", seed)
    train, validation_indices = take(
        labels, train, "none" if validation else data.validation, "validation", seed
    )
    parts = {
        "train": Part(source.train, train),
        "validation": Part(validation, np.arange(len(validation)))
        if validation
        else _part(source, validation_indices),
        "test": Part(test, np.arange(len(test))) if test else _part(source, test_indices),
    }
    present = {name: part for name, part in parts.items() if part is not None}
    return Dataset(
        train=present["train"],
        validation=parts["validation"],
        test=parts["test"],
        class_names=source.class_names,
        standardizer=Standardizer.fit(data.standardize, source.train.x, train),
        fingerprint=_fingerprint(source),
        warnings=_warnings(source, present),
    )


def _read(data: Digits | Idx | Npz) -> Source:
    if isinstance(data, Digits):
        return digits.read()
    if isinstance(data, Npz):
        return npz.read(Path(data.path), data.axes)
    if data.directory is not None:
        return idx.read(idx.standard_paths(Path(data.directory)))
    named = {name: getattr(data, name) for name in idx.NAMES}
    return idx.read({name: Path(path) for name, path in named.items() if path is not None})


def _part(source: Source, indices: Array) -> Part | None:
    return Part(source.train, indices) if len(indices) else None


def _check_shares(data: Digits | Idx | Npz, source: Source) -> None:
    """A part that the source brings along cannot be split off as well."""
    for name, pair in (("test", source.test), ("validation", source.validation)):
        share = getattr(data, name)
        if pair is not None and share != "none":
            raise DataError(
                f"data.{name} is {share}, but the data have a {name} part of their own "
                f"(leave data.{name} out)"
            )


def _fingerprint(source: Source) -> str:
    pairs = {"train": source.train, "validation": source.validation, "test": source.test}
    return digest(
        {
            f"{kind}_{name}": array
            for name, pair in pairs.items()
            if pair is not None
            for kind, array in (("x", pair.x), ("y", pair.y))
        }
    )


def _warnings(source: Source, parts: dict[str, Part]) -> tuple[str, ...]:
    """What is odd about the data, for people."""
    names = source.class_names
    absent = absent_classes(parts["train"].labels, len(names)) if names else []
    return (*source.warnings, *absent, *shared_samples(parts))
