"""The letters of EMNIST as an .npz file.

In their files, in MNIST's format, images lie on their side, rows and columns exchanged, and labels
count from 1; a letter has one label, be it upper or lower case.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.formats.idx_files import read_array
from cnntrain.errors import DataError
from cnntrain.fetch.members import unzip
from cnntrain.storage import durable
from cnntrain.text import shown_path

PARTS = ("train", "test")


def convert(downloads: Sequence[Path], target: Path) -> None:
    """Make `target`, for `source: npz`, of the letters in the archive of EMNIST; beside it, files
    that were on the way are left.

    Raises DataError where they are not what they should be, StorageError.
    """
    (archive,), folder = downloads, target.parent
    kinds = {"x": "images-idx3-ubyte.gz", "y": "labels-idx1-ubyte.gz"}
    names = {
        f"{key}_{part}": f"emnist-letters-{part}-{kind}"
        for part in PARTS
        for key, kind in kinds.items()
    }
    unzip(archive, list(names.values()), folder)
    arrays: dict[str, NDArray[Any]] = {}
    for part in PARTS:
        x = read_array(folder / names[f"x_{part}"], "images", (3,))
        y = read_array(folder / names[f"y_{part}"], "labels", (1,))
        if not 1 <= y.min() <= y.max() <= len(ascii_uppercase):
            raise DataError(
                f"{shown_path(archive)}: {part} labels from {y.min()} to {y.max()}, expected 1 to "
                f"{len(ascii_uppercase)}"
            )
        arrays |= {f"x_{part}": x.swapaxes(1, 2), f"y_{part}": y.astype(np.uint8) - 1}
    with durable.replacing(target) as file:
        np.savez_compressed(
            file, allow_pickle=False, class_names=np.array(list(ascii_uppercase)), **arrays
        )
