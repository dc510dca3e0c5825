"""Sizes and padding of windows, against numbers written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.shapes import MisfitError
from cnntrain.nn.windows import Windows


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "sides", "output"),
    [
        ((28, 28), (5, 5), (1, 1), "valid", (0, 0, 0, 0), (24, 24)),
        ((28, 28), (5, 5), (1, 1), "same", (2, 2, 2, 2), (28, 28)),
        ((28, 28), (4, 4), (1, 1), "same", (1, 2, 1, 2), (28, 28)),  # odd one below and right
        ((7, 8), (3, 3), (2, 2), "same", (1, 1, 0, 1), (4, 4)),
        ((7, 7), (1, 1), (3, 3), "same", (0, 0, 0, 0), (3, 3)),  # never negative padding
        ((5, 5), (2, 2), (2, 2), "valid", (0, 0, 0, 0), (2, 2)),  # floor
        ((5, 6), (3, 2), (1, 2), 1, (1, 1, 1, 1), (5, 4)),
        ((5, 6), (3, 2), (1, 2), (0, 2, 1, 0), (0, 2, 1, 0), (5, 3)),
        ((3, 3), (3, 3), (1, 1), "valid", (0, 0, 0, 0), (1, 1)),
    ],
)
def test_sizes_and_padding(size, kernel, stride, padding, sides, output):
    result = Windows.of(size, kernel, stride, padding)
    assert result.padding == sides
    assert result.output == output


def test_dilated_windows_have_gaps():
    view = Windows.of((9, 8), (3, 2), (2, 1), (1, 0, 0, 0), dilation=(2, 3))
    assert (view.padded, view.output) == ((10, 8), (3, 5))
    image = np.arange(80).reshape(10, 8)
    patches = view.patches(image[None, :, :, None])[0, ..., 0]
    for r, s in np.ndindex(*view.output):
        window = image[2 * r : 2 * r + 5 : 2, s : s + 4 : 3]
        np.testing.assert_array_equal(patches[:, :, r, s], window)
        entries = [image[rows, columns][r, s] for rows, columns in view.positions]
        np.testing.assert_array_equal(entries, window.ravel())
    same = Windows.of((7, 7), (3, 3), (1, 1), "same", dilation=(2, 3))
    assert (same.padding, same.output) == ((2, 2, 3, 3), (7, 7))
    assert not Windows.of((3, 3), (2, 2), (2, 2), "valid", dilation=(2, 2)).disjoint


def test_same_padding_gives_ceil_of_size_over_stride_outputs():
    for size in range(1, 12):
        for kernel in range(1, 6):
            for stride in range(1, 5):
                result = Windows.of((size, 1), (kernel, 1), (stride, 1), "same")
                assert result.output[0] == -(-size // stride)


def test_positions_slice_out_one_entry_of_every_window():
    view = Windows.of((5, 7), (2, 3), (2, 2), "valid")
    image = np.arange(35).reshape(5, 7)
    entries = [image[rows, columns] for rows, columns in view.positions]
    for r in range(2):
        for s in range(3):
            window = image[2 * r : 2 * r + 2, 2 * s : 2 * s + 3]
            np.testing.assert_array_equal([entry[r, s] for entry in entries], window.ravel())


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "disjoint"),
    [
        ((6, 4), (2, 2), (2, 2), "valid", True),
        ((7, 4), (2, 2), (2, 2), "valid", False),
        ((7, 4), (2, 2), (2, 2), (1, 0, 0, 0), True),
        ((6, 4), (2, 2), (1, 1), "valid", False),
        ((6, 4), (2, 2), (3, 2), "valid", False),
    ],
)
def test_disjoint_means_that_windows_cover_every_entry_once(
    size, kernel, stride, padding, disjoint
):
    view = Windows.of(size, kernel, stride, padding)
    covered = np.zeros(view.padded, dtype=int)
    for rows, columns in view.positions:
        covered[rows, columns] += 1
    assert view.disjoint == bool(np.all(covered == 1)) == disjoint


def test_padding_surrounds_with_zeros_and_cropping_undoes_it(make_context):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    view = Windows.of((3, 4), (2, 2), (1, 1), (1, 0, 2, 3))
    padded = view.pad(x, make_context())
    np.testing.assert_array_equal(padded, np.pad(x, [(0, 0), (1, 0), (2, 3), (0, 0)]))
    np.testing.assert_array_equal(view.crop(padded), x)


def test_without_padding_the_input_itself_is_used(make_context):
    x = np.ones((1, 3, 3, 1))
    assert Windows.of((3, 3), (2, 2), (1, 1), "valid").pad(x, make_context()) is x


def test_a_window_larger_than_the_padded_input_is_refused():
    with pytest.raises(MisfitError, match="^its 3x5 kernel is larger than the 4x4 input"):
        Windows.of((2, 4), (3, 5), (1, 1), (1, 1, 0, 0))


def test_an_unknown_padding_is_refused():
    with pytest.raises(ValueError, match="^unknown padding 'full'$"):
        Windows.of((3, 3), (2, 2), (1, 1), "full")
