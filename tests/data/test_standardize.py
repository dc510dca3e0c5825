"""Standardisation against the plain float64 mathematics."""

import json

import numpy as np
import pytest

from cnntrain.data import Standardizer

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (2500, 4, 3, 2), dtype=np.uint8)
INPUTS = {
    "bytes": BYTES,
    "floats": RANDOM.normal(1e3, 2, (2500, 4, 3, 2)).astype(np.float32),
    "doubles": RANDOM.normal(1e6, 2, (2500, 4, 3, 2)),
    "vectors of bytes": BYTES[:, :, 0, 0],
    "vectors": RANDOM.normal(size=(2500, 5)),
}
KINDS = ["none", "zero_to_one", "per_channel", "per_pixel"]
TRAIN = np.flatnonzero(np.arange(2500) % 3)


def obvious(kind, x, train):
    """All of x standardised by statistics of x[train]."""
    x = x.astype(np.float64)
    t = x[train]
    if kind == "none":
        return x
    if kind == "zero_to_one":
        return (x - t.min()) / (t.max() - t.min())
    axes = tuple(range(x.ndim - 1)) if kind == "per_channel" else 0
    return (x - t.mean(axis=axes)) / t.std(axis=axes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INPUTS)
def test_statistics_and_values_are_those_of_the_formulas(name, kind):
    x = INPUTS[name]
    standardizer = Standardizer.fit(kind, x, TRAIN)
    wanted = obvious(kind, x, TRAIN)
    for dtype, tolerance in ((np.float64, 1e-8), (np.float32, 1e-5)):
        found = standardizer.standardize(x, dtype)
        assert found.dtype == dtype and found.shape == x.shape
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_gets_a_new_contiguous_array_with_samples_innermost(name, kind, dtype):
    x = INPUTS[name][:7].astype(dtype) if "bytes" not in name else INPUTS[name][:7]
    before = x.copy()
    standardizer = Standardizer.fit(kind, INPUTS[name], TRAIN)
    inner = standardizer.apply(x, dtype)
    assert inner.flags.c_contiguous and inner.flags.writeable and inner.dtype == dtype
    assert not np.shares_memory(inner, x)
    outer = inner.transpose(3, 1, 2, 0) if x.ndim == 4 else inner.T
    np.testing.assert_array_equal(outer, standardizer.standardize(x, dtype))
    np.testing.assert_array_equal(x, before)


def test_per_channel_has_a_statistic_a_channel_or_entry_and_per_pixel_one_a_pixel():
    shapes = {
        (kind, name): Standardizer.fit(kind, INPUTS[name], TRAIN).mean.shape
        for kind in ("per_channel", "per_pixel")
        for name in ("bytes", "vectors")
    }
    assert shapes == {
        ("per_channel", "bytes"): (2,),
        ("per_channel", "vectors"): (5,),
        ("per_pixel", "bytes"): (4, 3, 2),
        ("per_pixel", "vectors"): (5,),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [0, 7, 0.1, 1e30])
def test_constant_inputs_become_zero(kind, value):
    x = np.full((2000, 3, 3, 1), value)
    found = Standardizer.fit(kind, x, np.arange(2000)).standardize(x, np.float64)
    np.testing.assert_array_equal(found, x if kind == "none" else 0 * x)


@pytest.mark.parametrize("value", [0.1, 254])
def test_a_constant_pixel_among_others_is_only_shifted(value):
    x = RANDOM.normal(size=(2000, 2))
    x[:, 1] = value
    standardizer = Standardizer.fit("per_pixel", x, np.arange(2000))
    assert standardizer.std[1] == 1
    x[:, 1] += 0.5
    np.testing.assert_allclose(standardizer.apply(x, np.float64)[1], 0.5, rtol=1e-12)


def test_float_inputs_far_from_zero_keep_their_digits_in_float32():
    x = INPUTS["doubles"]
    found = Standardizer.fit("per_channel", x, TRAIN).standardize(x, np.float32)
    np.testing.assert_allclose(found, obvious("per_channel", x, TRAIN), rtol=1e-5, atol=1e-6)


def test_values_beyond_float32_become_infinite_without_a_warning():
    x = np.array([[1e300]])
    assert np.isinf(Standardizer.fit("none", x, np.array([0])).apply(x, np.float32)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_test_part_has_no_say(npz, kind):
    arrays = {"x_train": BYTES, "y_train": np.arange(2500) % 2, "y_test": np.arange(2500) % 2}
    first = npz(f", standardize: {kind}", x_test=BYTES, **arrays)
    second = npz(f", standardize: {kind}", x_test=BYTES // 2, **arrays)
    assert first.fingerprint != second.fingerprint
    assert first.standardizer.to_json() == second.standardizer.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_samples_split_off_have_no_say(npz, kind):
    y = np.arange(2500) % 2
    more = f", standardize: {kind}, test: 0.2, validation: 0.2"
    first = npz(more, x=BYTES, y=y)
    other = BYTES.copy()
    other[np.concatenate([first.test.indices, first.validation.indices])] = 255
    second = npz(more, x=other, y=y)
    assert first.split_hash == second.split_hash
    assert first.standardizer.to_json() == second.standardizer.to_json()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INPUTS)
def test_json_gives_the_same_numbers_back(kind, name):
    one = Standardizer.fit(kind, INPUTS[name], TRAIN)
    two = Standardizer.from_json(json.loads(json.dumps(one.to_json())))
    for a, b in ((one.mean, two.mean), (one.std, two.std)):
        assert a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def test_statistics_of_bytes_hold_no_float_copy_of_them_all(memory):
    x = np.zeros((20_000, 28, 28, 1), dtype=np.uint8)
    with memory() as used:
        Standardizer.fit("per_pixel", x, np.arange(20_000))
    assert used() < 2 * x.nbytes


@pytest.mark.parametrize("kind", ["per_channel", "per_pixel"])
@pytest.mark.parametrize("shape", [(6, 5, 3), (7,)])
def test_bytes_have_the_statistics_of_the_numbers_that_they_are(kind, shape):
    """To the last bit, though they are added as whole numbers."""
    x = np.random.default_rng(0).integers(0, 256, (3000, *shape), dtype=np.uint8)
    indices = np.arange(0, 3000, 2)
    found = Standardizer.fit(kind, x, indices)
    wanted = Standardizer.fit(kind, x.astype(np.float64), indices)
    np.testing.assert_array_equal(found.mean, wanted.mean)
    np.testing.assert_array_equal(found.std, wanted.std)
