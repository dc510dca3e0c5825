"""The contact sheet: which samples it shows, and their pixels, read back from the file."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image

from cnntrain.data.audit.drawing import GAP, LEGIBLE, MARGIN, png, scale
from cnntrain.data.audit.sheet import MOST_ROWS, rows_by_class, rows_of_augmentation
from cnntrain.errors import DataError, UsageError


def read(rows):
    """The sheet as an array, with the place (top, left) of the first picture."""
    sheet = np.asarray(Image.open(io.BytesIO(png(rows))))
    first = enlarged(rows[0].pictures[0])
    for left in range(MARGIN, sheet.shape[1]):
        if np.array_equal(sheet[MARGIN : MARGIN + len(first), left : left + first.shape[1]], first):
            return sheet, left
    raise AssertionError("the first picture is not there")


def enlarged(picture):
    times, _ = scale(*picture.shape[:2])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize("channels", [1, 3])
def test_every_picture_is_where_it_should_be(dataset, photos, channels):
    x, y = photos(60, 16, 12, channels)
    rows = rows_by_class(dataset(train=(x, y)), "train", 5, seed=0)
    assert [row.title for row in rows] == ["a", "b", "c"]
    sheet, left = read(rows)
    height, width = 64, 48  # four times as large
    step = (sheet.shape[0] - 2 * MARGIN + GAP) // 3
    for number, row in enumerate(rows):
        assert len(row.pictures) == len(row.captions) == 5
        top = MARGIN + number * step
        for k, caption in enumerate(row.captions):
            assert y[int(caption)] == number
            at = left + k * (width + GAP)
            seen = sheet[top : top + height, at : at + width]
            expected = x[int(caption)].squeeze()
            assert np.array_equal(seen, enlarged(expected))


def test_the_choice_is_by_seed_and_in_the_order_of_the_file(dataset, photos):
    data = dataset(train=photos(300))
    first = [row.captions for row in rows_by_class(data, "train", 8, seed=0)]
    assert first == [row.captions for row in rows_by_class(data, "train", 8, seed=0)]
    assert first != [row.captions for row in rows_by_class(data, "train", 8, seed=1)]
    for captions in first:
        numbers = [int(caption) for caption in captions]
        assert numbers == sorted(set(numbers))
        assert numbers != sorted(range(300), key=lambda k: k % 3)[:8]
    # All of a class, where there are no more.
    whole = rows_by_class(dataset(train=photos(9)), "train", 8, seed=0)
    assert [row.captions for row in whole] == [["0", "3", "6"], ["1", "4", "7"], ["2", "5", "8"]]
    assert whole[0].subtitle == "3 samples"


def test_the_same_bytes_for_the_same_data(dataset, photos):
    sheets = {png(rows_by_class(dataset(train=photos(30)), "train", 4, seed=0)) for _ in range(2)}
    assert len(sheets) == 1


def test_a_class_without_samples_has_an_empty_row(dataset, photos):
    x, _ = photos(10)
    rows = rows_by_class(dataset(train=(x, np.full(10, 2))), "train", 4, seed=0)
    assert [len(row.pictures) for row in rows] == [0, 0, 4]
    assert png(rows)


def test_another_part(dataset, photos):
    data = dataset(train=photos(30), test=photos(6, seed=1))
    (first, *_) = rows_by_class(data, "test", 4, seed=0)
    assert first.captions == ["0", "3"]
    assert np.array_equal(first.pictures[1], data.test.x[3, ..., 0])
    with pytest.raises(DataError, match="no validation part"):
        rows_by_class(data, "validation", 4, seed=0)


def test_files_stand_below_without_folder_and_suffix(dataset, photos):
    files = {"train": tuple(f"cats/picture\x1b{k}.jpg" for k in range(9))}
    (first, *_) = rows_by_class(dataset(train=photos(9), files=files), "train", 2, seed=0)
    assert all(caption.startswith("picture\\x1b") for caption in first.captions)


@pytest.mark.parametrize(
    ("x", "shades"),
    [
        (np.array([[0, 16], [4, 8]], dtype=np.uint8), [[0, 255], [64, 128]]),
        (np.array([[0, 200], [4, 8]], dtype=np.uint8), [[0, 200], [4, 8]]),
        (np.array([[-1.0, 1.0], [0.0, 0.5]]), [[0, 255], [128, 191]]),
        (np.array([[7.0, 7.0], [7.0, 7.0]]), [[0, 0], [0, 0]]),
    ],
    ids=["few shades", "bytes", "real", "constant"],
)
def test_shades_are_those_of_the_range_of_the_training_part(dataset, x, shades):
    raw = x.reshape(1, 2, 2, 1)
    data = dataset(train=(raw, [0]), test=(raw // 2, [0]))
    (first, *_) = rows_by_class(data, "train", 2, seed=0)
    assert first.pictures[0].tolist() == shades
    (other, *_) = rows_by_class(data, "test", 2, seed=0)
    low, high = (0, 255) if x.max() == 200 else (x.min(), x.max())
    scaled = np.clip((x // 2 - low) / ((high - low) or 1), 0, 1)
    assert np.array_equal(other.pictures[0], np.rint(255 * scaled))


@pytest.mark.parametrize("channels", [2, 3, 4, 5])
def test_colours_are_three_channels_and_gray_is_the_first(dataset, photos, channels):
    x, y = photos(9, channels=min(channels, 5))
    (first, *_) = rows_by_class(dataset(train=(x, y)), "train", 2, seed=0)
    index = int(first.captions[0])
    expected = x[index, ..., :3] if channels in (3, 4) else x[index, ..., 0]
    assert np.array_equal(first.pictures[0], expected)


def test_a_signal_is_a_curve(dataset):
    x = np.zeros((2, 1, 50, 1))
    x[0, 0, :, 0] = np.linspace(-1, 1, 50)
    (first, *_) = rows_by_class(dataset(train=(x, [0, 1])), "train", 2, seed=0)
    curve = first.pictures[0] < 128
    assert curve.shape == (48, 50)
    lowest = 47 - curve[::-1].argmax(axis=0)
    assert lowest[0] == 47
    assert curve[0, -1]
    assert np.all(np.diff(lowest) <= 0)
    assert curve.any(axis=0).all()


def test_vectors_have_no_pictures(dataset):
    with pytest.raises(UsageError, match="shows images and signals, found vectors of 3 entries"):
        rows_by_class(dataset(train=(np.zeros((3, 3)), [0, 1, 2])), "train", 2, seed=0)


def test_real_targets_stand_in_tenths(dataset, photos):
    x, _ = photos(40)
    y = np.random.default_rng(0).permutation(40)[:, None].astype(float)
    rows = rows_by_class(dataset(train=(x, y)), "train", 4, seed=0)
    assert [row.title for row in rows] == [f"{4 * k} to {4 * k + 3}" for k in range(10)]
    for k, row in enumerate(rows):
        assert sorted(y[[int(c) for c in row.captions], 0]) == [*range(4 * k, 4 * k + 4)]


def test_the_sheet_is_bounded(dataset, photos):
    x, _ = photos(150, 8, 8)
    data = replace(dataset(train=(x, np.arange(150))), class_names=tuple(map(str, range(150))))
    assert len(rows_by_class(data, "train", 2, seed=0)) == MOST_ROWS


def test_large_pictures_are_reduced(dataset, photos):
    x, y = photos(3, 500, 300)
    rows = rows_by_class(dataset(train=(x, y)), "train", 2, seed=0)
    assert scale(500, 300) == (1, 4)
    sheet = Image.open(io.BytesIO(png(rows)))
    assert sheet.height < 3 * 160
    assert scale(LEGIBLE, 1) == (1, 1)
    assert scale(8, 8) == (8, 1)
    assert scale(160, 20) == (1, 1)


@dataclass(frozen=True)
class Change:
    """An augmentation that changes inputs alone."""

    change: Callable

    def __call__(self, x, positions, epoch):
        return self.change(x, positions, epoch)

    def targets(self, positions, epoch):
        return np.zeros(len(positions), dtype=np.int64)


def test_augmentation_in_one_epoch_after_the_other(dataset, photos):
    @Change
    def darker(x, positions, epoch):
        """By the epoch, and by the number of the sample."""
        return x - np.uint8(epoch) - positions.astype(np.uint8)[:, None, None, None]

    data = replace(dataset(train=photos(30)), augment=darker)
    rows = rows_of_augmentation(data, 4, seed=0)
    assert [row.title for row in rows] == ["a", "b", "c"]
    for label, row in enumerate(rows):
        position = int(row.subtitle)
        assert data.train.y[position] == label
        assert row.captions == ["original", "epoch 1", "epoch 2", "epoch 3"]
        own = data.train.x[position, ..., 0]
        assert np.array_equal(row.pictures[0], own)
        for epoch in (1, 2, 3):
            assert np.array_equal(row.pictures[epoch], own - np.uint8(epoch + position))


def test_what_leaves_the_range_is_cut_off(dataset):
    x = np.linspace(0, 1, 64).reshape(1, 8, 8, 1)
    data = replace(dataset(train=(x, [0])), augment=Change(lambda x, *_: x + 0.5))
    (row,) = rows_of_augmentation(data, 2, seed=0)
    assert row.pictures[1].max() == 255
    assert row.pictures[1].min() == 128


def test_characters_that_the_font_lacks_are_replaced(dataset, photos):
    def sheet(*names):
        rows = rows_by_class(replace(dataset(train=photos(9)), class_names=names), "train", 2, 0)
        return png(rows)

    assert sheet("猫", "café", "c d") == sheet("\\u732b", "cafe", "c d")
    assert sheet("猫", "café", "c d") != sheet("狗", "café", "c d")
