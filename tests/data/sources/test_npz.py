"""Data sets in .npz files: arrays, axes, types and names of classes."""

import numpy as np
import pytest

from cnntrain.errors import DataError

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
Y = np.arange(30) % 3


def test_training_validation_and_test_arrays_become_the_parts(npz):
    data = npz(x_train=X, y_train=Y, x_validation=X[:9], y_validation=Y[:9], x_test=X[:6],
               y_test=Y[:6])  # fmt: skip
    assert (len(data.train), len(data.validation), len(data.test)) == (30, 9, 6)
    np.testing.assert_array_equal(data.validation.x, X[:9])
    np.testing.assert_array_equal(data.test.y, Y[:6])


def test_x_and_y_are_split_by_fractions_and_counts(npz):
    data = npz(", test: 0.2, validation: 3", x=X, y=Y)
    assert (len(data.train), len(data.validation), len(data.test)) == (21, 3, 6)
    assert data.train.examples is data.test.examples


def test_images_without_channels_have_one(npz):
    assert npz(x=X[..., 0], y=Y).input_shape == (6, 5, 1)


def test_vectors_stay_vectors(npz):
    assert npz(x=X.reshape(30, -1), y=Y).input_shape == (90,)


def test_channels_first_becomes_channels_last(npz):
    last = npz(x=X, y=Y)
    first = npz(", axes: NCHW", x=np.moveaxis(X, -1, 1), y=Y)
    np.testing.assert_array_equal(first.train.x, X)
    assert first.fingerprint == last.fingerprint
    np.testing.assert_array_equal(
        first.standardizer.apply(first.train.x[:4], np.float32),
        last.standardizer.apply(last.train.x[:4], np.float32),
    )


def test_signals_become_images_of_one_row(npz):
    signals = X[:, 0]  # 30 signals of length 5 with 3 channels
    last = npz(", axes: NLC", x=signals, y=Y)
    assert last.input_shape == (1, 5, 3)
    np.testing.assert_array_equal(last.train.x, signals[:, None])
    first = npz(", axes: NCL", x=np.moveaxis(signals, -1, 1), y=Y)
    assert first.fingerprint == last.fingerprint
    for axes in ("NLC", "NCL"):
        assert npz(f", axes: {axes}", x=signals[..., 0], y=Y).input_shape == (1, 5, 1)
    with pytest.raises(DataError, match=r"x has shape \(30, 6, 5, 3\), expected \(N, C, L\) or "):
        npz(", axes: NCL", x=X, y=Y)


def test_a_shape_that_looks_like_the_other_order_gives_a_warning(npz):
    (warning,) = npz(x=np.moveaxis(X, -1, 1), y=Y).warnings
    assert warning.endswith("x has shape (30, 3, 6, 5): is it NCHW? (set data.axes: NCHW)")
    (warning,) = npz(", axes: NCHW", x=X, y=Y).warnings
    assert warning.endswith("x has shape (30, 6, 5, 3): is it NHWC? (set data.axes: NHWC)")
    for shape in ((30, 6, 5, 3), (30, 3, 10, 3), (30, 6, 15, 1), (30, 9, 5, 2)):
        assert npz(x=X.reshape(shape), y=Y).warnings == ()


def test_bytes_stay_bytes(npz):
    assert npz(x=X, y=Y).train.x.dtype == np.uint8


@pytest.mark.parametrize("kind", ["?", "i1", "u2", "i8", "f2", "f4", "f8", "g"])
def test_every_kind_of_number_can_be_an_input(npz, kind):
    data = npz(x=(X % 2).astype(kind), y=Y)
    x = data.standardizer.standardize(data.train.x, np.float64)
    wanted = (X % 2 - (X % 2).mean(axis=(0, 1, 2))) / (X % 2).std(axis=(0, 1, 2))
    np.testing.assert_allclose(x, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["u1", "i1", ">i4", "u8"])
def test_whole_numbers_are_labels(npz, kind):
    data = npz(x=X, y=Y.astype(kind))
    assert data.class_names == ("0", "1", "2") and data.outputs == data.classes == 3
    assert data.train.y.dtype == np.int64
    np.testing.assert_array_equal(data.train.y, Y)


@pytest.mark.parametrize("shape", [(30,), (30, 1), (30, 2)])
def test_real_numbers_are_targets(npz, shape):
    y = RANDOM.normal(size=shape).astype(np.float32)
    data = npz(", test: 6", x=X, y=y)
    assert data.class_names is None and data.classes is None
    assert data.outputs == (shape + (1,))[1]
    np.testing.assert_array_equal(data.train.examples.y, y.reshape(30, -1).astype(np.float64))


def test_classes_can_have_names(npz):
    data = npz(x=X, y=Y, class_names=np.array(["cat", "dog", "żaba", "none"]))
    assert data.class_names == ("cat", "dog", "żaba", "none")
    assert data.warnings == ("no training sample of class none",)


NAMES = np.array(["dog", "cat", "żaba"])
SCORES = np.linspace(0, 1, 30)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "there is x but no y"),
        ({"y_train": Y}, "there is y_train but no x_train"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "there is x_test but no y_test"),
        ({"x_train": X, "y_train": Y, "x": X}, "expected .* there are both"),
        ({"x_test": X, "y_test": Y}, "expected x_train and y_train, or x and y; there are neither"),
        ({"y": Y}, "there is y but no x"),
        ({}, "there are neither"),
        ({"x": X[:, 0, 0, 0], "y": Y}, r"x has shape \(30,\), expected \(N, H, W, C\)"),
        ({"x": X[None], "y": Y}, r"x has shape \(1, 30, 6, 5, 3\), expected"),
        ({"x": np.array(["a"] * 30), "y": Y}, "x holds text, expected numbers"),
        ({"x": X.astype(complex), "y": Y}, "x: values of type complex128, expected real numbers"),
        ({"x": X, "y": Y.reshape(30, 1, 1)}, r"y has type int64 and shape \(30, 1, 1\)"),
        ({"x": X, "y": NAMES[Y].reshape(15, 2)}, r"y has type <U4 and shape \(15, 2\)"),
        ({"x": X, "y": np.zeros((30, 2, 2))}, r"shape \(30, 2, 2\)"),
        ({"x": X, "y": np.array(3)}, r"shape \(\)"),
        ({"x": X, "y": Y, "class_names": NAMES[:, None]}, r"class_names has shape \(3, 1\)"),
        ({"x": X, "y": Y, "class_names": NAMES[:0]}, r"class_names has shape \(0,\)"),
        ({"x": X, "y": SCORES, "class_names": np.array(["a"])}, "but y holds real numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(npz, arrays, message):
    with pytest.raises(DataError, match=message) as caught:
        npz(**arrays)
    assert "\n" not in str(caught.value)


def refusal(npz, **arrays):
    """The message, on one line, with which these arrays are refused."""
    with pytest.raises(DataError) as caught:
        npz(**arrays)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_array_that_plays_no_part_is_no_part_of_a_data_set(npz):
    told = refusal(npz, x=X, y=Y, files=NAMES, x_val=X)
    assert told.endswith(
        "data.npz: unknown arrays files, x_val (did you mean x_validation?); known are x, y, "
        "x_train, y_train, x_validation, y_validation, x_test, y_test, class_names (remove what is "
        "no part of the data)"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("x_val", "x_validation"),
        ("y_valid", "y_validation"),
        ("X_test", "x_test"),
        ("Y", "y"),
        ("test_images", "x_test"),
        ("val_labels", "y_validation"),
        ("train-labels", "y_train"),
        ("x_tets", "x_test"),
        ("data", "x"),
        ("classes", "class_names"),
        ("label_names", "class_names"),
        ("sample_weight", None),
        ("readme.txt", None),
        ("arr_0", None),
    ],
)
def test_what_an_unknown_array_is_probably_meant_to_be(npz, name, meant):
    hint = f" (did you mean {meant}?)" if meant else ""
    assert f"unknown array {name}{hint};" in refusal(npz, x=X, y=Y, **{name: X})


def test_a_column_of_labels_is_as_good_as_a_row(npz):
    data = npz(x=X, y=Y)
    for y in (Y[:, None], (Y == 1).astype(int)[:, None]):
        assert npz(x=X, y=y).train.y.tolist() == y[:, 0].tolist()
    assert npz(x=X, y=Y[:, None]).fingerprint == data.fingerprint
    assert npz(x=X, y=NAMES[Y][:, None]).classes == 3


def test_truth_values_are_two_classes(npz):
    data = npz(x=X, y=Y == 1)
    assert data.class_names == ("0", "1")
    np.testing.assert_array_equal(data.train.y, Y == 1)


@pytest.mark.parametrize(
    ("y", "advice"),
    [
        (np.eye(3, dtype=int)[Y], "the rows are one-hot: store y.argmax(axis=1)"),
        (np.eye(3)[Y] == 1, "the rows are one-hot: store y.argmax(axis=1)"),
        (np.stack([Y, Y], axis=1), "store y.astype(float) for a regression"),
        (np.zeros((30, 2), dtype=int), "store y.astype(float) for a regression"),
    ],
)
def test_the_advice_on_labels_of_another_form_leads_to_data(npz, y, advice):
    assert refusal(npz, x=X, y=y).endswith(f"({advice})")
    stored = npz(x=X, y=eval(advice.split("store ")[1].split(" for ")[0], {"y": y}))
    assert stored.outputs == y.shape[1]


@pytest.mark.parametrize("kind", [str, bytes])
def test_labels_may_be_text(npz, kind):
    encoded = NAMES if kind is str else np.char.encode(NAMES, "utf-8")
    data = npz(x=X, y=encoded[Y])
    assert data.class_names == ("cat", "dog", "żaba")  # sorted
    assert [data.class_names[label] for label in data.train.y] == NAMES[Y].tolist()
    data = npz(x=X, y=encoded[Y], class_names=np.append(encoded, encoded[0] + encoded[1]))
    assert data.class_names == ("dog", "cat", "żaba", "dogcat")  # as given
    np.testing.assert_array_equal(data.train.y, Y)
    assert data.warnings == ("no training sample of class dogcat",)


def test_labels_that_are_text_agree_with_the_names_of_the_classes_and_between_parts(npz):
    named = {"x": X, "y": NAMES[Y], "class_names": np.array(["cat", "dog", "frog"])}
    assert refusal(npz, **named) == "training label 2 is 'żaba', expected one of cat, dog, frog"
    parts = {"x_train": X[1:3], "y_train": NAMES[Y][1:3], "x_test": X[:3]}
    assert refusal(npz, **parts, y_test=NAMES[Y][:3]) == (
        "test label 0 is 'dog', expected one of cat, żaba"
    )
    assert refusal(npz, **parts, y_test=Y[:3]) == (
        "the test labels are numbers but the training labels are text"
    )


@pytest.mark.parametrize("y", [Y, NAMES[Y]])
@pytest.mark.parametrize(
    "class_names", [np.arange(3), NAMES.astype(object), np.array([0.5, 1, 2]), NAMES == "dog"]
)
def test_names_of_classes_are_text(npz, y, class_names):
    told = refusal(npz, x=X, y=y, class_names=class_names)
    assert "expected text (store " in told
    assert ".astype(str))" in told
    if class_names.dtype == object:
        assert npz(x=X, y=y, class_names=class_names.astype(str)).classes == 3


def test_names_of_classes_may_be_bytes_in_utf_8(npz):
    assert npz(x=X, y=Y, class_names=np.char.encode(NAMES, "utf-8")).class_names == tuple(NAMES)
    latin = np.char.encode(np.array(["dog", "cat", "ñandú"]), "latin-1")
    told = refusal(npz, x=X, y=Y, class_names=latin)
    assert r"class_names: entry 2, b'\xf1and\xfa', is no text in UTF-8" in told
    assert "numpy.char.decode(array, 'latin-1')" in told
    stored = np.char.decode(latin, "latin-1")
    assert npz(x=X, y=Y, class_names=stored).class_names == ("dog", "cat", "ñandú")


def test_text_has_no_characters_beyond_unicode(npz):
    beyond = NAMES.view(np.uint32).copy()
    beyond[5] = 0x110000
    beyond = beyond.view(NAMES.dtype)
    assert "class_names: entry 1 holds characters that do not exist" in refusal(
        npz, x=X, y=Y, class_names=beyond
    )
    assert "y: entry 1 holds characters" in refusal(npz, x=X, y=beyond[Y])
    assert "class 0 is called ''" in refusal(npz, x=X, y=Y, class_names=np.zeros(3, "U0"))
