"""Data sets in the four files of MNIST: images and labels, for training and for the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict

from cnntrain.data.examples import Examples, RawData
from cnntrain.data.formats.idx_files import read_array
from cnntrain.data.formats.safe_read import exists
from cnntrain.data.sources.source import OptionalPath, Source
from cnntrain.errors import DataError
from cnntrain.settings import setting
from cnntrain.text import shown_path

# The files by their keys; each may also be spelt with .idx for -idx, and end in .gz.
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
TRAIN, TEST = ["train_images", "train_labels"], ["test_images", "test_labels"]

WHERE = (
    "MNIST and Fashion-MNIST come as four such files: `cnntrain fetch mnist` or `fashion-mnist` "
    "gets them; Debian's package dataset-fashion-mnist puts the latter into "
    "/usr/share/datasets/fashion-mnist"
)
ONE_OF_THEM = "expected one or the other (remove one)"


class Idx(Source):
    """Files in the format of MNIST, plain or compressed with gzip. Either `directory`, or the
    paths of the files themselves.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["directory"]},
            "then": {"properties": dict.fromkeys(FILES, False)},
            "else": {"required": [*TRAIN]},
            "dependencies": {"test_images": ["test_labels"], "test_labels": ["test_images"]},
        }
    )
    also = "fashionmnist mnist"
    short = False
    may_hold_validation: ClassVar[bool] = False
    may_hold_groups: ClassVar[bool] = False

    source: Literal["idx"] = "idx"
    directory: OptionalPath = setting(
        "Directory with train-images-idx3-ubyte[.gz] and its companions.",
        None,
        also="dir folder root",
    )
    train_images: OptionalPath = setting("Images of the training part.", None)
    train_labels: OptionalPath = setting("Labels of the training part.", None)
    test_images: OptionalPath = setting("Images of the test part.", None)
    test_labels: OptionalPath = setting("Labels of the test part.", None)

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """There is a directory, or there are two files, or all four and no share for a test."""
        given = [key for key in FILES if key in values]
        if "directory" in values:
            for key in given:
                yield key, f"data.{key} beside data.directory, {ONE_OF_THEM}"
        elif not given:
            yield (
                None,
                "missing key data.directory, expected a path (or train_images and train_labels, "
                "and test_images and test_labels if there are)",
            )
        else:
            needed = list(FILES) if set(TEST) & set(given) else TRAIN
            for key in needed:
                if key not in given:
                    yield None, f"missing key data.{key}, expected a path"
            if "test_images" in given and values.get("test", "none") != "none":
                yield "test", f"data.test beside data.test_images, {ONE_OF_THEM}"

    def read(self) -> RawData:
        """The pairs of images and labels; classes are called by their numbers."""
        paths = self._named() if self.directory is None else self._found(Path(self.directory))
        train = _examples(paths["train_images"], paths["train_labels"])
        if "test_images" not in paths:
            return RawData(train)
        return RawData(train, test=_examples(paths["test_images"], paths["test_labels"]))

    def _named(self) -> dict[str, Path]:
        """The files that the settings name, by key."""
        named = {key: getattr(self, key) for key in FILES}
        paths = {key: Path(path) for key, path in named.items() if path is not None}
        missing = [path for path in paths.values() if not exists(path)]
        if missing:
            raise DataError(f"no file {', '.join(shown_path(path) for path in missing)} ({WHERE})")
        return paths

    def _found(self, directory: Path) -> dict[str, Path]:
        """The files in `directory`, by key; those of the test part must be there unless another
        one is to be split off."""
        if exists(directory) and not directory.is_dir():
            raise DataError(f"{shown_path(directory)} is a file, data.directory names a directory")
        paths = {key: _find(directory, name) for key, name in FILES.items()}
        missing = [key for key, path in paths.items() if path is None]
        if missing and (self.test == "none" or missing != TEST):
            other = "; or set data.test to split a test part off" if missing == TEST else ""
            raise DataError(
                f"no {', '.join(FILES[key] for key in missing)} (or .gz) in "
                f"{shown_path(directory)}, which is where they belong ({WHERE}{other})"
            )
        return {key: path for key, path in paths.items() if path is not None}


def _find(directory: Path, name: str) -> Path | None:
    for stem in (name, name.replace("-idx", ".idx")):
        for path in (directory / stem, directory / f"{stem}.gz"):
            if exists(path):
                return path
    return None


def _examples(images: Path, labels: Path) -> Examples:
    x, y = read_array(images, "images", (3, 4)), read_array(labels, "labels", (1,))
    if y.dtype.kind == "f":
        raise DataError(f"{shown_path(labels)}: real numbers, expected whole ones as labels")
    return Examples(x[..., None] if x.ndim == 3 else x, y.astype(np.int64))
