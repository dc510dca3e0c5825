"""How a network is fed: samples as they are stored, or augmented in the same type."""

import numpy as np
import pytest

from cnntrain.data.arrays import as_inputs
from cnntrain.data.augment import Augmenter
from cnntrain.data.augment.erase import Erase
from cnntrain.data.augment.flip import Flip
from cnntrain.data.dataset import Dataset
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.data.standardize import Standardizer

RANDOM = np.random.default_rng(0)
RAW = {
    "bytes": RANDOM.integers(0, 256, (40, 6, 5), dtype=np.uint8),
    "channels first": RANDOM.normal(size=(40, 2, 6, 5)),
    "floats": RANDOM.normal(size=(40, 6, 5, 3)).astype(np.float32),
    "signals": RANDOM.normal(size=(40, 9)),
}
AXES = {"channels first": "NCHW", "signals": "NLC"}
KINDS = (Flip(), Erase(fraction=0.3, fill="random"))


@pytest.fixture(params=RAW)
def dataset(request, tmp_path) -> Dataset:
    """All but every fourth sample, in a file that is mapped into memory and cannot be written."""
    x = as_inputs(RAW[request.param], AXES.get(request.param, "NHWC"), "x")
    np.save(tmp_path / "x.npy", x, allow_pickle=False)
    examples = Examples(np.load(tmp_path / "x.npy", mmap_mode="r"), np.arange(40) % 3)
    part = Part(examples, np.flatnonzero(np.arange(40) % 4))
    standardizer = Standardizer.fit("per_pixel", examples.x, part.indices)
    augment = Augmenter(KINDS, part, seed=0)
    return Dataset({"train": part}, ("a", "b", "c"), standardizer, "", augment=augment)


def test_a_batch_is_augmented_in_the_type_that_it_is_stored_in(dataset):
    positions = RANDOM.permutation(30)[:17]
    batch = dataset.batch(positions, epoch=2)
    rows = batch.rows()
    part = dataset.train
    expected = Augmenter(KINDS, part, 0)(part.x[positions].copy(), positions, 2)
    np.testing.assert_array_equal(rows.x[rows.numbers], expected)
    assert rows.x.dtype == part.x.dtype and rows.x.flags.c_contiguous
    np.testing.assert_array_equal(batch.targets(), part.y[positions])
    assert (expected != part.x[positions]).any()


def test_chunks_are_those_rows_standardised(dataset):
    batch = dataset.batch(np.arange(30), epoch=1)
    rows, (x, y) = batch.rows(), batch.chunk(7, 19, np.float64)
    right = dataset.standardizer.apply(rows.x[7:19], np.float64)
    np.testing.assert_array_equal(x, right)
    np.testing.assert_array_equal(y, dataset.train.y[7:19])


def test_nothing_but_training_is_augmented(dataset):
    np.testing.assert_array_equal(dataset.samples(dataset.train).rows().x, dataset.train.examples.x)


def test_means_by_channel_are_those_of_the_part(dataset):
    x = dataset.train.x
    means = x.mean(axis=tuple(range(x.ndim - 1)), dtype=np.float64)
    np.testing.assert_allclose(dataset.train.channel_means, means, rtol=1e-12)
