"""Which samples of an .npz file stay together."""

import numpy as np
import pytest

from cnntrain.errors import DataError

from .test_npz import X, Y

GROUPS = np.arange(30) // 3
EXPECTED = "expected whole numbers or text (N,) as groups"


def test_an_array_that_data_group_names_tells_which_samples_stay_together(npz):
    whole = npz(", group: patient, test: 0.2", x=X, y=Y, patient=GROUPS)
    assert whole.train.groups.dtype == np.int64 and len(whole.test) == 6
    assert set(whole.train.groups).isdisjoint(whole.test.groups)
    text = np.array([f"é{number}" for number in GROUPS])
    for groups in (text, text[:, None], np.char.encode(text, "utf-8")):
        data = npz(", group: patient, fold: {of: 5, index: 2}", x=X, y=Y, patient=groups)
        assert data.validation.groups.tolist() == text[data.validation.indices].tolist()
        assert set(data.train.groups).isdisjoint(data.validation.groups)
    assert npz(x=X, y=Y).train.groups is None
    assert npz(x=X, y=Y).fingerprint == data.fingerprint


def test_only_the_training_part_needs_groups(npz):
    arrays = {"x_train": X, "y_train": Y, "x_test": X[:3] ^ 1, "y_test": Y[:3]}
    data = npz(", group: g, validation: 0.2", **arrays, g_train=GROUPS)
    assert data.test.groups is None and set(data.train.groups).isdisjoint(data.validation.groups)


@pytest.mark.parametrize(
    ("more", "arrays", "message"),
    [
        (", group: g", {}, "data.npz: no array g, which data.group names"),
        (", group: patent", {"patient": GROUPS}, "names (did you mean patient?)"),
        (", group: g", {"g": GROUPS[1:]}, "the training part has 30 inputs but 29 groups"),
        (", group: g", {"g": GROUPS / 2}, f"g has type float64 and shape (30,), {EXPECTED}"),
        (", group: g", {"g": X[..., 0, 0]}, f"g has type uint8 and shape (30, 6), {EXPECTED}"),
        (", group: y", {}, "data.npz: data.group is y, which is no array of groups"),
        ("", {"group_train": GROUPS}, "unknown array group_train (is it data.group: group?)"),
        (', group: "a\\e[31m"', {}, "data.npz: no array a\\x1b[31m, which data.group names"),
    ],
)  # fmt: skip
def test_groups_that_do_not_fit_are_refused(npz, more, arrays, message):
    with pytest.raises(DataError) as caught:
        npz(more, x=X, y=Y, **arrays)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_groups_of_all_samples_are_none_of_the_training_part(npz):
    message = r"patient_train is not there \(data.group is patient\)"
    with pytest.raises(DataError, match=message):
        npz(", group: patient", x_train=X, y_train=Y, patient=GROUPS)
