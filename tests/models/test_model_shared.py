"""A model among threads and processes, and what its layers put out."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import cnntrain as package
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.workers import Workers


@pytest.fixture(params=[(engine, count) for engine in ("auto", "numpy") for count in (1, 2)])
def model(trained, request):
    """One on each engine, with one worker and with two."""
    (kind, count), loaded = request.param, package.load_model(trained)
    engine = loaded.network.engine if kind == "auto" else NumpyEngine()
    network = replace(loaded.network, engine=engine, workers=Workers(count))
    return replace(loaded, network=network)


def inputs(count):
    """Batches of different sizes, so that scratch memory grows while others use theirs."""
    generator = np.random.default_rng(0)
    return [
        generator.integers(0, 17, (1 + 29 * k % 90, 8, 8, 1), dtype=np.uint8) for k in range(count)
    ]


def test_threads_get_the_bytes_that_each_gets_alone(model):
    batches = inputs(64)
    alone = [model.predict_proba(raw).tobytes() for raw in batches]
    fresh = pickle.loads(pickle.dumps(model))  # nothing in it has been made yet
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda raw: fresh.predict_proba(raw).tobytes(), batches))
    assert together == alone


def test_threads_leave_blas_as_it_was(model):
    def threads():
        return [library["num_threads"] for library in threadpool_info()]

    before = threads()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(model.predict_proba, inputs(64)))
    assert threads() == before


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
@pytest.mark.parametrize("used", [False, True])
def test_copies_give_the_same_bytes(digits, copied, used):
    """Of a network with running statistics, before its first prediction and after it."""
    layers = ["batch_norm", {"type": "conv", "filters": 4, "kernel": 3, "bias": False}]
    layers += ["batch_norm", "relu", "flatten", {"type": "dense", "units": 10}, "softmax"]
    config = package.load_config(digits, {"layers": layers, "epochs": 1})
    package.fit(config, run="normal")
    model, raw = package.load_model("normal"), inputs(3)[2]
    if used:
        model.predict_proba(raw)
    other = copied(model)
    np.testing.assert_array_equal(other.predict_proba(raw), model.predict_proba(raw))
    conv = model.activations(raw, "conv1")
    np.testing.assert_array_equal(other.activations(raw, "conv1"), conv)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_get_the_same_bytes(model, start):
    batches = inputs(6)
    alone = [model.predict_proba(raw).tobytes() for raw in batches]  # its threads are under way
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        there = [p.tobytes() for p in pool.map(model.predict_proba, batches, timeout=120)]
    assert there == alone


def test_a_fork_predicts_with_the_model_that_it_finds(model):
    raw = inputs(4)[3]
    alone = model.predict_proba(raw)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=lambda: theirs.send(model.predict_proba(raw)))
    child.start()
    try:
        assert ours.poll(60), "the child hangs"
        np.testing.assert_array_equal(ours.recv(), alone)
    finally:
        child.kill()
        child.join()


def test_the_activations_of_the_last_layer_are_the_probabilities(trained):
    model, raw = package.load_model(trained), inputs(3)[2]
    names = model.network.names
    np.testing.assert_allclose(
        model.activations(raw, names[-1]), model.predict_proba(raw), atol=1e-6
    )
    conv, relu = model.activations(raw, "conv1"), model.activations(raw, "relu1")
    assert (conv.shape, conv.dtype) == ((len(raw), 6, 6, 4), np.float32)
    np.testing.assert_array_equal(relu, np.maximum(conv, 0))


@pytest.mark.parametrize(
    ("layer", "hint"), [("conv", "did you mean conv1?"), ("pixels", "there are conv1, relu1")]
)
def test_a_layer_that_is_not_there_is_named_with_those_that_are(trained, layer, hint):
    with pytest.raises(package.UsageError, match=f"no layer {layer}") as raised:
        package.load_model(trained).activations(np.zeros((1, 8, 8)), layer)
    assert hint in str(raised.value)


def test_activations_refuse_what_predict_refuses(trained):
    with pytest.raises(package.DataError, match="expected"):
        package.load_model(trained).activations(np.zeros((1, 7, 8)), "conv1")
