"""A data set as a whole: its fingerprint, its parts, what is odd about it."""

import numpy as np
import pytest

from cnntrain.errors import DataError, UsageError

X = np.random.default_rng(0).integers(0, 256, (60, 5, 4), dtype=np.uint8)
Y = np.arange(60) % 3


def test_the_fingerprint_is_a_function_of_the_contents(npz, load, tmp_path):
    first = npz(x=X, y=Y).fingerprint
    assert first[:16] == "e185a73bda1958c2"
    assert npz(x=X[..., None], y=Y.astype(np.uint8)).fingerprint == first
    (tmp_path / "data.npz").rename(tmp_path / "other.npz")
    assert load("{source: npz, path: other.npz, test: 3, split_seed: 8}").fingerprint == first
    other = X.copy()
    other[59, 4, 3] ^= 1
    assert npz(x=other, y=Y).fingerprint != first
    assert npz(x=X, y=(Y + 1) % 3).fingerprint != first
    assert npz(x=X.reshape(60, 4, 5), y=Y).fingerprint != first
    assert npz(x=X.astype(np.float32), y=Y).fingerprint != first


def test_the_fingerprint_does_not_depend_on_the_kind_of_source(npz, load, mnist):
    data = load("{source: idx, directory: mnist}")
    same = npz(x_train=data.train.x, y_train=data.train.y, x_test=data.test.x, y_test=data.test.y)
    assert same.fingerprint == data.fingerprint


def test_a_part_that_is_not_there_is_asked_for_in_vain(npz):
    data = npz(x=X, y=Y)
    assert data.part("train") is data.train
    with pytest.raises(DataError, match=r"no validation part \(set data.validation\)"):
        data.part("validation")
    with pytest.raises(UsageError, match="no part tset, expected train, validation, test"):
        data.part("tset")


@pytest.mark.parametrize("part", ["test", "validation"])
def test_a_part_cannot_both_be_there_and_be_split_off(npz, part):
    arrays = {"x_train": X, "y_train": Y, f"x_{part}": X[:9], f"y_{part}": Y[:9]}
    with pytest.raises(DataError, match=rf"data.{part} is 9, .* \(leave data.{part} out\)"):
        npz(f", {part}: 9", **arrays)


def test_a_part_of_its_own_leaves_the_training_part_whole(npz):
    data = npz(", validation: 6", x_train=X, y_train=Y, x_test=255 - X, y_test=Y)
    assert (len(data.train), len(data.validation), len(data.test)) == (54, 6, 60)
    np.testing.assert_array_equal(data.test.indices, np.arange(60))


def test_a_part_gives_its_own_samples_raw_and_in_the_order_of_the_split(npz):
    data = npz(", test: 12, validation: 6, standardize: per_pixel", x=X, y=Y)
    for part in data.parts.values():
        assert part.x.shape == (len(part), 5, 4, 1) and part.x.dtype == np.uint8
        np.testing.assert_array_equal(part.x[..., 0], X[part.indices])
        np.testing.assert_array_equal(part.y, Y[part.indices])
        assert part.x is part.x  # gathered once


def test_a_part_that_is_all_of_its_examples_copies_nothing(npz):
    train = npz(x=X, y=Y).train
    assert train.x is train.examples.x and train.y is train.examples.y


def test_relative_paths_start_from_the_config(load, mnist, monkeypatch):
    monkeypatch.chdir("/")
    assert len(load("{source: idx, directory: mnist}").train) == 60


def test_reading_bytes_holds_no_float_copy_of_them(npz, memory):
    x = np.zeros((20_000, 28, 28), dtype=np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.arange(20_000) % 256, np.arange(20_000) // 256
    with memory() as used:
        data = npz(", validation: 0.1", x=x, y=np.arange(20_000) % 10)
    assert data.train.x.dtype == np.uint8
    assert used() < 3 * x.nbytes
