"""What a contact sheet shows: a row of pictures for each class, or for each sample what
augmentation makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.data.audit.sample import Sample
from cnntrain.data.dataset import Dataset
from cnntrain.errors import UsageError
from cnntrain.text import argument, pluralize, printable

Array = NDArray[Any]
MOST_ROWS = 100
BRIGHT = 128  # bytes up to less than that are no picture of 256 shades
CURVE = 48  # rows of pixels of a signal that is drawn


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a sheet: a title, a line below it, and pictures (H, W) or (H, W, 3) of bytes, each
    with a caption."""

    title: str
    subtitle: str
    pictures: list[Array]
    captions: list[str]


def rows_by_class(dataset: Dataset, part: str, each: int, seed: int) -> list[Row]:
    """A row for each class of a part, of the first MOST_ROWS, with `each` samples that are drawn by
    `seed`, in the order of their file; for real targets, for each tenth of the samples by their
    first entry.

    Raises UsageError for vectors, DataError where there is no such part.
    """
    shown, samples = _Shown(dataset), dataset.part(part)
    rows = []
    for number, (title, members) in enumerate(_groups(dataset, part)):
        drawn = randomness.permutation(len(members), "sheet", seed, number)[:each]
        chosen = members[np.sort(drawn)]
        rows.append(
            Row(
                title=title,
                subtitle=pluralize(len(members), "sample"),
                pictures=[shown(samples.examples.x[samples.indices[p]]) for p in chosen],
                captions=[_caption(Sample.at(dataset, part, int(p))) for p in chosen],
            )
        )
    return rows


def rows_of_augmentation(dataset: Dataset, each: int, seed: int) -> list[Row]:
    """A row for each class, with one training sample, drawn by `seed`, and what augmentation makes
    of it in the epochs 1 ... `each` - 1.

    Raises UsageError for vectors.
    """
    shown, train = _Shown(dataset), dataset.train
    groups = [(title, members) for title, members in _groups(dataset, "train") if len(members)]
    drawn = [
        int(members[randomness.permutation(len(members), "sheet", seed, number)[0]])
        for number, (_, members) in enumerate(groups)
    ]
    positions = np.array(drawn, dtype=np.int64)
    epochs = []
    for epoch in range(1, each):
        batch = dataset.batch(positions, epoch)
        epochs.append(batch.examples.x[batch.indices])
    return [
        Row(
            title=title,
            subtitle=_caption(Sample.at(dataset, "train", position)),
            pictures=[
                shown(train.examples.x[train.indices[position]]),
                *(shown(x[number]) for x in epochs),
            ],
            captions=["original", *(f"epoch {epoch}" for epoch in range(1, each))],
        )
        for number, ((title, _), position) in enumerate(zip(groups, drawn, strict=True))
    ]


def _groups(dataset: Dataset, name: str) -> Iterator[tuple[str, Array]]:
    """Positions (n,) in a part of the samples of each row, with its title."""
    part = dataset.part(name)
    if dataset.class_names is not None:
        for label, title in enumerate(dataset.class_names[:MOST_ROWS]):
            yield printable(title, 24), np.flatnonzero(part.y == label)
        return
    order = np.argsort(part.y[:, 0], kind="stable")
    for members in np.array_split(order, min(10, len(order))):
        low, high = part.y[members[[0, -1]], 0]
        yield f"{low:.4g} to {high:.4g}", np.sort(members)


def _caption(sample: Sample) -> str:
    """Short: the file without folders and suffix, or the index."""
    return str(sample.index) if sample.file is None else printable(PurePath(sample.file).stem)


class _Shown:
    """Raw inputs as pictures of bytes, all on the scale of the training part.

    Three channels or four are red, green, blue, and one that is left out; of any other number the
    first is shown in shades of gray.  Signals are curves.
    """

    def __init__(self, dataset: Dataset) -> None:
        shape, train = dataset.input_shape, dataset.train
        if len(shape) != 3:
            raise UsageError(
                f"{argument('sheet')} shows images and signals, found vectors of {shape[0]} entries"
            )
        within = train.input_range
        bytes_ = within.dtype == "uint8" and within.maximum >= BRIGHT
        self.low, self.high = (0.0, 255.0) if bytes_ else (within.minimum, within.maximum)
        self.picture: Callable[[Array], Array] = _curve if shape[0] == 1 else _colours

    def __call__(self, raw: Array) -> Array:
        """The picture of one raw input (H, W, C)."""
        span = self.high - self.low or 1.0
        x = np.clip((raw.astype(np.float64) - self.low) / span, 0.0, 1.0)
        return self.picture(x)


def _colours(x: Array) -> Array:
    """Of x (H, W, C) between 0 and 1."""
    kept = x[..., :3] if x.shape[-1] in (3, 4) else x[..., 0]
    shades: Array = np.rint(255 * kept).astype(np.uint8)
    return shades


def _curve(x: Array) -> Array:
    """The curve of the first channel of a signal (1, L, C), dark on light: in each column the rows
    between a value and the one before."""
    row = np.rint((1 - x[0, :, 0]) * (CURVE - 1)).astype(int)
    before = np.concatenate([row[:1], row[:-1]])
    low, high = np.minimum(row, before), np.maximum(row, before)
    number = np.arange(CURVE)[:, None]
    curve: Array = np.where((number >= low) & (number <= high), 40, 235).astype(np.uint8)
    return curve
