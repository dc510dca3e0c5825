"""Data sets in the four files of MNIST."""

import numpy as np
import pytest

from cnntrain.errors import DataError


def test_a_directory_gives_a_training_and_a_test_part(load, mnist):
    data = load("{source: idx, directory: mnist}")
    assert data.input_shape == (5, 4, 1)
    assert (len(data.train), len(data.test), data.validation) == (60, 20, None)
    assert data.class_names == ("0", "1", "2")
    assert data.warnings == ()
    assert data.train.x.dtype == np.uint8
    assert data.train.y.dtype == np.int64


def test_explicit_paths_give_the_same_data_set(load, mnist):
    whole = load("{source: idx, directory: mnist}")
    named = load(
        "{source: idx, train_images: mnist/train-images-idx3-ubyte.gz,"
        " train_labels: mnist/train-labels-idx1-ubyte,"
        " test_images: mnist/t10k-images-idx3-ubyte.gz,"
        " test_labels: mnist/t10k-labels-idx1-ubyte}"
    )
    assert named.fingerprint == whole.fingerprint
    assert named.split_hash == whole.split_hash


def test_a_test_part_can_be_split_off_where_no_files_bring_one(load, mnist):
    data = load(
        "{source: idx, train_images: mnist/train-images-idx3-ubyte.gz,"
        " train_labels: mnist/train-labels-idx1-ubyte, test: 12, validation: 0.25}"
    )
    assert (len(data.train), len(data.validation), len(data.test)) == (36, 12, 12)


def test_missing_files_are_named_with_where_they_belong_and_can_be_had(load, mnist):
    (mnist / "t10k-labels-idx1-ubyte").unlink()
    (mnist / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError) as caught:
        load("{source: idx, directory: mnist}")
    message = str(caught.value)
    assert f"no train-images-idx3-ubyte, t10k-labels-idx1-ubyte (or .gz) in {mnist}" in message
    assert "`cnntrain fetch mnist` or `fashion-mnist` gets them" in message
    assert "dataset-fashion-mnist" in message


def test_a_directory_without_test_files_needs_a_test_part_of_another_kind(load, mnist):
    for path in mnist.glob("t10k-*"):
        path.unlink()
    with pytest.raises(DataError, match=r"\(MNIST .*; or set data.test to split a test part off\)"):
        load("{source: idx, directory: mnist}")
    data = load("{source: idx, directory: mnist, test: 0.2}")
    assert (len(data.train), len(data.test)) == (48, 12)


def test_missing_explicit_files_are_all_named(load, tmp_path):
    with pytest.raises(DataError) as caught:
        load("{source: idx, train_images: a, train_labels: b}")
    assert f"no file {tmp_path}/a, {tmp_path}/b (MNIST" in str(caught.value)


def test_a_file_is_no_directory(load, mnist):
    with pytest.raises(DataError, match="is a file, data.directory names a directory"):
        load("{source: idx, directory: mnist/train-labels-idx1-ubyte}")


def test_images_and_labels_must_be_as_many(load, mnist, idx_bytes):
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(59, dtype=np.uint8)))
    with pytest.raises(DataError, match="the training part has 60 inputs but 59 labels"):
        load("{source: idx, directory: mnist}")


def test_images_and_labels_must_not_be_mistaken_for_each_other(load, mnist):
    images, labels = "mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte"
    with pytest.raises(DataError, match=r"00000801 \(1 axis\), expected 00000803, images"):
        load(f"{{source: idx, train_images: {labels}, train_labels: {labels}}}")
    with pytest.raises(DataError, match=r"00000803 \(3 axes\), expected 00000801, labels"):
        load(f"{{source: idx, train_images: {images}, train_labels: {images}}}")


def test_the_number_of_axes_is_compared_before_the_sizes_are(load, mnist):
    path = mnist / "train-labels-idx1-ubyte"
    path.write_bytes(b"\0\0\x08\x03" + path.read_bytes()[4:])
    with pytest.raises(DataError, match=r"00000803 \(3 axes\), expected 00000801, labels"):
        load("{source: idx, directory: mnist}")


def test_labels_must_be_whole_numbers(load, mnist, idx_bytes):
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(60, dtype="f4")))
    with pytest.raises(DataError, match="real numbers, expected whole ones"):
        load("{source: idx, directory: mnist}")


def test_test_labels_must_be_training_classes(load, mnist, idx_bytes):
    labels = np.arange(20, dtype=np.uint8) % 3
    labels[7] = 3
    (mnist / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    with pytest.raises(DataError, match="test label 7 is 3, allowed is 0 to 2"):
        load("{source: idx, directory: mnist}")


def test_a_test_part_cannot_be_split_off_where_the_files_bring_one(load, mnist):
    with pytest.raises(DataError, match=r"data.test is 0.2, but .* \(leave data.test out\)"):
        load("{source: idx, directory: mnist, test: 0.2}")
