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
    assert data.warnings == ("no training sample of class 3",)


SCORES = np.linspace(0, 1, 30)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "there is x but no y"),
        ({"y_train": Y}, "there is y_train but no x_train"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "there is x_test but no y_test"),
        ({"x_train": X, "y_train": Y, "x": X}, "expected .* there are both"),
        ({"x_test": X, "y_test": Y}, "expected x_train and y_train, or x and y; there are neither"),
        ({"images": X, "labels": Y}, r"no array x or y or .* \(found images, labels\)"),
        ({"x": X[:, 0, 0, 0], "y": Y}, r"x has shape \(30,\), expected \(N, H, W, C\)"),
        ({"x": X[None], "y": Y}, r"x has shape \(1, 30, 6, 5, 3\), expected"),
        ({"x": np.array(["a"] * 30), "y": Y}, "x holds text, expected numbers"),
        ({"x": X.astype(complex), "y": Y}, "x: values of type complex128, expected real numbers"),
        ({"x": X, "y": Y == 1}, "y has type bool"),
        ({"x": X, "y": Y.reshape(30, 1)}, r"y has type int64 and shape \(30, 1\)"),
        ({"x": X, "y": np.eye(3, dtype=int)[Y]}, r"\(of one-hot rows store y.argmax\(axis=1\)\)"),
        ({"x": X, "y": np.array(["a"] * 30)}, "y has type <U1"),
        ({"x": X, "y": np.zeros((30, 2, 2))}, r"shape \(30, 2, 2\)"),
        ({"x": X, "y": np.array(3)}, r"shape \(\)"),
        ({"x": X, "y": Y, "class_names": Y}, r"class_names is not an array \(e,\) of text"),
        ({"x": X, "y": Y, "class_names": np.array([[""]])}, "class_names is not an array"),
        ({"x": X, "y": SCORES, "class_names": np.array(["a"])}, "but y holds real numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(npz, arrays, message):
    with pytest.raises(DataError, match=message) as caught:
        npz(**arrays)
    assert "\n" not in str(caught.value)
