"""Samples are handed out a chunk at a time, in the layout of the network."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.errors import UsageError
from cnntrain.nn.samples import ArraySamples


def test_images_come_out_with_channels_first_and_samples_innermost():
    x = np.random.default_rng(0).normal(size=(5, 2, 3, 4))
    inner, y = ArraySamples(x, np.arange(5)).chunk(1, 4, np.float32)
    assert (inner.shape, inner.dtype) == ((4, 2, 3, 3), np.float32)
    assert inner.flags.c_contiguous
    np.testing.assert_array_equal(inner, x[1:4].transpose(3, 1, 2, 0).astype(np.float32))
    np.testing.assert_array_equal(y, [1, 2, 3])


def test_images_without_a_channel_axis_have_one_channel():
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    inner, _ = ArraySamples(x, np.arange(5)).chunk(0, 5, np.float64)
    np.testing.assert_array_equal(inner[0], x.transpose(1, 2, 0))


def test_vectors_become_columns():
    x, targets = np.arange(6.0).reshape(3, 2), np.arange(9.0).reshape(3, 3)
    samples = ArraySamples(x, targets)
    inner, y = samples.chunk(1, 3, np.float64)
    np.testing.assert_array_equal(inner, [[2, 4], [3, 5]])
    np.testing.assert_array_equal(y, targets[1:])
    assert len(samples) == 3


def test_inputs_and_labels_must_be_as_many():
    with pytest.raises(UsageError, match="^x has 3 samples, y has 2$"):
        ArraySamples(np.zeros((3, 2)), np.zeros(2))
