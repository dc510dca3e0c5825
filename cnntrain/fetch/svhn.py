"""Street View House Numbers, cropped digits, as an .npz file.

MATLAB's files hold X (32, 32, 3, N), rows first, and y (N, 1), in which 10 stands for the digit 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnntrain.errors import DataError
from cnntrain.fetch.matlab_files import read_matrices
from cnntrain.storage import durable
from cnntrain.text import shown_path

DIGITS = 10


def convert(downloads: Sequence[Path], target: Path) -> None:
    """Make `target`, for `source: npz`, of the files of the training and of the test part.

    Raises DataError where they are not what they should be, StorageError.
    """
    arrays = {}
    for part, path in zip(("train", "test"), downloads, strict=True):
        held = read_matrices(path)
        if not {"X", "y"} <= held.keys() or held["X"].ndim != 4:
            raise DataError(f"{shown_path(path)}: expected arrays X (32, 32, 3, N) and y (N, 1)")
        y = held["y"].ravel()
        if not 1 <= y.min(initial=1) <= y.max(initial=1) <= DIGITS:
            raise DataError(
                f"{shown_path(path)}: labels from {y.min()} to {y.max()}, expected 1 to {DIGITS}"
            )
        arrays[f"x_{part}"] = np.moveaxis(held["X"], -1, 0)
        arrays[f"y_{part}"] = (y % DIGITS).astype(np.uint8)
    names = np.array(list("0123456789"))
    with durable.replacing(target) as file:
        np.savez(file, allow_pickle=False, class_names=names, **arrays)
