"""Warnings of what occurs in several parts, and of labels that contradict each other."""

import numpy as np

from cnntrain.data.examples import Examples
from cnntrain.data.leakage import leaks
from cnntrain.data.part import Part

X = np.random.default_rng(0).integers(0, 256, (60, 5, 4), dtype=np.uint8)
Y = np.arange(60) % 3


def test_samples_in_more_than_one_part_give_a_warning_with_counts(npz):
    data = npz(
        x_train=X[:40], y_train=Y[:40], x_validation=X[30:50], y_validation=Y[30:50],
        x_test=np.concatenate([X[45:], X[:3], X[:3]]),
        y_test=np.concatenate([Y[45:], Y[:3], Y[:3]]),
    )  # fmt: skip
    assert data.warnings == (
        "10 of 20 validation samples occur in the training part too",
        "6 of 21 test samples occur in the training part too",
        "5 of 21 test samples occur in the validation part too",
    )
    assert npz(x_train=X[:40], y_train=Y[:40], x_test=X[40:], y_test=Y[40:]).warnings == ()


def test_one_shared_sample_among_70_000_is_found():
    x = np.random.default_rng(0).integers(0, 256, (70_000, 28, 28, 1), dtype=np.uint8)
    x[60_000] = x[0]
    examples = Examples(x, np.zeros(70_000, dtype=np.int64))
    train, test = Part(examples, np.arange(60_000)), Part(examples, np.arange(60_000, 70_000))
    (warning,) = leaks({"train": train, "test": test})
    assert warning == "1 of 10,000 test samples occur in the training part too"


def _part(which, labels, folder, groups=None):
    """Samples of X from files of their own."""
    files = tuple(f"{folder}/{number}\n.png" for number in which)
    return Part.whole(Examples(X[which], np.array(labels), files, groups))


def test_the_first_sample_that_two_parts_share_is_named_by_its_files():
    train, test = _part([5, 6, 7], [0, 1, 2], "train"), _part([9, 7, 6], [0, 2, 1], "test")
    (warning,) = leaks({"train": train, "test": test})
    assert warning == (
        "2 of 3 test samples occur in the training part too (first: test/7\\n.png is "
        "train/7\\n.png)"
    )


def test_equal_inputs_with_different_labels_are_counted_once_each(npz):
    x, y = np.concatenate([X[:9], X[3:6], X[3:4]]), [0, 1, 2, 0, 1, 2, 0, 1, 2, 1, 1, 0, 2]
    (warning,) = npz(x=x, y=np.array(y)).warnings
    assert warning == (
        "2 inputs occur with different labels (first: training sample 3 and training sample 9)"
    )


def test_labels_that_contradict_each_other_are_named_by_files_and_across_parts():
    train, test = _part([5, 6, 7], [0, 1, 2], "train"), _part([8, 7], [0, 1], "test")
    assert leaks({"train": train, "test": test})[1] == (
        "1 input occurs with different labels (first: train/7\\n.png and test/7\\n.png)"
    )


def test_targets_do_not_contradict_each_other():
    x, y = X[[0, 0]], np.array([[0.1], [0.2]])
    assert leaks({"train": Part.whole(Examples(x, y))}) == []


def test_groups_in_several_parts_that_files_bring_are_a_warning(npz):
    arrays = {
        "x_train": X[:40], "y_train": Y[:40], "patient_train": np.arange(40) // 4,
        "x_test": X[40:], "y_test": Y[40:], "patient_test": np.arange(40, 60) // 4 - 2,
    }  # fmt: skip
    data = npz(", group: patient, validation: 0.2", **arrays)
    assert len({*data.validation.groups} & {*data.train.groups}) == 0
    shared = [{*data.test.groups} & {*part.groups} for part in (data.train, data.validation)]
    assert data.warnings == tuple(
        f"{len(groups)} of 5 test groups occur in the {part} part too"
        for part, groups in zip(("training", "validation"), shared, strict=True)
        if groups
    )
    assert sum(map(len, shared)) == 2
