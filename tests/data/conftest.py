"""Files of data, and data sets as a config describes them."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest
from idx_format import idx_bytes as as_idx

from cnntrain.config import load_config
from cnntrain.data import load_dataset

REST = """
layers: [{type: flatten}, {type: dense, units: 10}, {type: softmax}]
loss: cross_entropy
batch_size: 8
epochs: 1
learning_rate: 0.1
"""


@pytest.fixture(scope="session")
def idx_bytes():
    """`idx_bytes(array)`: the array as an idx file holds it."""
    return as_idx


@pytest.fixture
def mnist(tmp_path):
    """A directory with the four files of MNIST: 60 and 20 images of 5 x 4, 3 classes."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    random = np.random.default_rng(0)
    for stem, count in (("train", 60), ("t10k", 20)):
        x = random.integers(0, 256, (count, 5, 4), dtype=np.uint8)
        y = np.arange(count, dtype=np.uint8) % 3
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(as_idx(x)))
        (folder / f"{stem}-labels-idx1-ubyte").write_bytes(as_idx(y))
    return folder


@pytest.fixture
def load(tmp_path):
    """`load(text)`: the data set that this `data` section, in flow style, describes."""

    def loaded(text):
        path = tmp_path / "config.yaml"
        path.write_text(f"data: {text}{REST}")
        return load_dataset(load_config(path).data)

    return loaded


@pytest.fixture
def npz(tmp_path, load):
    """`npz(x=..., y=..., more="...")`: the data set in an .npz file of these arrays, with
    `more` keys of the config."""

    def loaded(more="", **arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return load(f"{{source: npz, path: data.npz{more}}}")

    return loaded


@pytest.fixture
def memory():
    """`with memory() as used: ...; used()`: most bytes that Python held at a time."""

    @contextmanager
    def traced():
        tracemalloc.start()
        try:
            yield lambda: peak
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return traced
