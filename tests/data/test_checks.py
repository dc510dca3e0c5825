"""What must hold of data, whatever their source."""

import numpy as np
import pytest

from cnntrain.errors import DataError

X = np.random.default_rng(0).normal(size=(3000, 2, 2, 1))
Y = np.arange(3000) % 3


def changed(array, index, value):
    """A copy of `array` with one entry replaced."""
    copy = array.copy()
    copy[index] = value
    return copy


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": Y[:-1]}, "the training part has 3,000 inputs but 2,999 labels"),
        ({"y": Y[:-1] / 2}, "the training part has 3,000 inputs but 2,999 targets"),
        ({"x": X[:0], "y": Y[:0]}, r"the training part is empty: .* \(0, 2, 2, 1\)"),
        ({"x": X[:, :0]}, r"the training part is empty: .* \(3000, 0, 2, 1\)"),
        ({"y": np.zeros((3000, 0))}, "the training targets are empty"),
        ({"x": changed(X, (2345, 1, 0, 0), np.nan)}, "training input 2345 holds NaN"),
        ({"x": changed(X, (7, 0, 0, 0), -np.inf)}, "training input 7 holds NaN, infinity"),
        ({"x": changed(X, (7, 0, 0, 0), 1e39)}, r"training input 7 holds .* more than 3.4e\+38"),
        ({"y": changed(Y / 2, 11, np.nan)}, "training target 11 holds NaN"),
        ({"y": changed(Y, 5, -1)}, "training label 5 is -1, allowed is 0 to 65,535"),
        ({"y": changed(Y, 5, 10**12)}, "training label 5 is 1000000000000, allowed is 0 to 65,535"),
        ({"y": Y.astype(np.uint64) + 2**63}, "training label 0 is .* allowed is 0 to"),
        ({"y": 0 * Y}, "every training sample is of class 0: a classifier needs 2 classes"),
    ],
)
def test_a_training_part_that_cannot_be_used_is_refused(npz, arrays, message):
    with pytest.raises(DataError, match=message):
        npz(**{"x": X, "y": Y} | arrays)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:0], Y[:0], "the validation part is empty"),
        (
            X[:9, :1],
            Y[:9],
            r"validation inputs have shape \(1, 2, 1\), training inputs \(2, 2, 1\)",
        ),
        (X[:9], Y[:9] / 2, "the validation part has targets but the training part has labels"),
        (X[:9], Y[:9] + 1, "validation label 2 is 3, allowed is 0 to 2"),
        (changed(X[:9], 3, np.nan), Y[:9], "validation input 3 holds NaN"),
    ],
)
def test_a_validation_part_that_does_not_fit_is_refused(npz, x, y, message):
    with pytest.raises(DataError, match=message):
        npz(x_train=X, y_train=Y, x_validation=x, y_validation=y)


def test_targets_of_all_parts_have_as_many_entries(npz):
    with pytest.raises(DataError, match="test targets have 1 entries, training targets 2"):
        npz(x_train=X, y_train=X[:, 0, :, 0], x_test=X[:9], y_test=Y[:9] / 2)


def test_labels_that_start_at_1_are_recognised_by_the_names_of_the_classes(npz):
    names = np.array(["a", "b", "c"])
    with pytest.raises(DataError) as caught:
        npz(x=X, y=Y + 1, class_names=names)
    assert str(caught.value) == (
        "training label 2 is 3, allowed is 0 to 2 (labels seem to run from 1 to 3: subtract 1)"
    )
    with pytest.raises(DataError) as caught:
        npz(x=X, y=changed(Y, 4, 3), class_names=names)
    assert str(caught.value) == "training label 4 is 3, allowed is 0 to 2"


def test_labels_that_start_at_1_give_a_warning_where_classes_have_no_names(npz):
    assert npz(x=X, y=Y + 1).warnings == (
        "no training sample of class 0 (if labels start at 1, subtract 1)",
    )


def test_classes_without_a_training_sample_give_a_warning(npz):
    assert npz(x=X, y=2 * Y).warnings == ("no training sample of class 1, 3",)
    assert npz(x=X, y=Y // 2 * 15).warnings == (
        "no training sample of class 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4 more",
    )


def test_a_class_that_a_split_takes_away_as_a_whole_gives_a_warning(npz):
    y = np.concatenate([np.zeros(8, dtype=int), [1]])
    data = npz(", test: 8", x=X[:9], y=y)
    assert list(data.train.y) == [0]
    assert data.warnings == ("every training sample is of class 0: there is nothing to tell apart",)


def test_what_is_said_of_classes_names_them(npz):
    names = np.array(["cat", "dog\x1b"])
    with pytest.raises(
        DataError, match="^every training sample is of class cat: a classifier needs"
    ):
        npz(x=X, y=0 * Y, class_names=names[:1])
    (warning,) = npz(x=X, y=0 * Y + 1, class_names=names).warnings
    assert warning == ("every training sample is of class dog\\x1b: there is nothing to tell apart")
