"""Inputs that C reads from the data: the same bits as those that NumPy standardises."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from cnntrain.data.examples import Examples
from cnntrain.data.part import Part, PartSamples
from cnntrain.data.standardize import Standardizer
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import Conv, Dense, Flatten, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples

DTYPES = ["uint8", "int8", "bool", "uint16", "float16", "float32", "float64", ">f4", ">i8"]
KINDS = ["none", "zero_to_one", "per_channel", "per_pixel"]
N = 37


def raw(dtype, shape):
    x = np.random.default_rng(0).integers(0, 120, size=(N, *shape))
    return (x % 2 == 1) if dtype == "bool" else x.astype(dtype)


def network(shape, library, dtype):
    """Its outputs are its inputs, so to speak."""
    layers = [Dense(units=3)] if len(shape) == 1 else [Conv(filters=2, kernel=3), ReLU(), Flatten()]
    layers = layers if len(shape) == 1 else [*layers, Dense(units=3)]
    return Network(layers, Quadratic(), shape, 3, np.dtype(dtype), CompiledEngine(library))


@pytest.mark.parametrize("number", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_standardised_as_in_numpy(dtype, kind, number, library):
    for shape in ((5, 6, 3), (19,)):
        x = raw(dtype, shape)
        part = Part(Examples(x, np.zeros((N, 3))), np.arange(N))
        standardizer = Standardizer.fit(kind, x, np.arange(N))
        positions = np.random.default_rng(1).permutation(N)[:23]
        samples = PartSamples(part, standardizer, positions)
        ready = ArraySamples(standardizer.standardize(x, number)[positions], np.zeros((23, 3)))
        net = network(shape, library, number)
        w = net.initial_parameters(0)
        found, right = net.measure(w, samples)[1], net.measure(w, ready)[1]
        assert found.tobytes() == right.tobytes()


LAYERS = [Conv(filters=3, kernel=3), ReLU(), Flatten(), Dense(units=4), Softmax()]


@pytest.mark.parametrize(
    "given",
    [
        lambda x: x[::-1],
        lambda x: np.asfortranarray(x),
        lambda x: np.broadcast_to(x[:1], x.shape),
        lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    ],
    ids=["backwards", "in Fortran's order", "one for all", "read-only"],
)
def test_arrays_as_they_may_lie(given, library):
    x = given(np.random.default_rng(0).normal(size=(9, 6, 6, 2)))
    net = Network(LAYERS, CrossEntropy(), (6, 6, 2), 4, np.dtype("f8"), CompiledEngine(library))
    w = net.initial_parameters(0)
    assert net.predict(w, x).tobytes() == net.predict(w, np.array(x, order="C")).tobytes()


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("chunk", [1, 16, 20])
def test_many_chunks(chunk, workers, library):
    """More than fit into one call: gradients over the same tree, outputs in their places."""
    settings = {"chunk": chunk, "workers": Workers(workers)}
    shape, kind, engine = (6, 6, 2), np.dtype("f8"), CompiledEngine(library)
    cut = Network(LAYERS, CrossEntropy(), shape, 4, kind, engine, **settings)
    whole = Network(LAYERS, CrossEntropy(), shape, 4, kind, chunk=1000)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(180, 6, 6, 2)), rng.integers(0, 4, 180)
    w = cut.initial_parameters(0)
    np.testing.assert_allclose(cut.predict(w, x), whole.predict(w, x), rtol=1e-12)
    found, right = cut.loss_and_gradient(w, x, y), whole.loss_and_gradient(w, x, y)
    assert found[0] == pytest.approx(right[0], rel=1e-12)
    np.testing.assert_allclose(found[1], right[1], rtol=1e-9, atol=1e-14)
    one = Network(LAYERS, CrossEntropy(), shape, 4, kind, engine, chunk=chunk)
    assert one.loss_and_gradient(w, x, y)[1].tobytes() == found[1].tobytes()
    totals = cut.measure(w, ArraySamples(x, y))[0]
    assert totals == one.measure(w, ArraySamples(x, y))[0] and totals.samples == 180


def test_nothing_keeps_the_data_alive(library):
    net = Network(LAYERS, CrossEntropy(), (6, 6, 2), 4, np.dtype("f4"), CompiledEngine(library))
    x = np.zeros((9, 6, 6, 2), dtype=np.float32)
    net.predict(net.initial_parameters(0), x)
    alive = weakref.ref(x)
    del x
    assert alive() is None
