"""With the compiled engine nothing that a config can ask for depends on what NumPy and BLAS make of
the processor."""

import json
import subprocess
import sys

import pytest

import cnntrain
from cnntrain.nn.engines.compiled.batch_pass import CompiledBatchPass
from cnntrain.nn.engines.compiled.library import load

from .conftest import Lab
from .test_same_bytes import plain

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(isinstance(load(), str), reason="the engine was not compiled"),
]

CONFIG = {
    "data": {"source": "digits", "validation": 0.1},
    "loss": "cross_entropy",
    "batch_size": 90,
    "epochs": 2,
    "learning_rate": 0.01,
    "optimizer": {"type": "sgd", "momentum": 0.9},
    "record_steps": 5,
    "compute": {"engine": "compiled", "workers": 2},
}


def layers(*inner):
    """A convolution, `inner`, and an end."""
    first, last = {"type": "conv", "filters": 4, "kernel": 3}, {"type": "dense", "units": 10}
    return {"layers": [first, *inner, {"type": "flatten"}, last, {"type": "softmax"}]}


RELU, POOL = {"type": "relu"}, {"type": "max_pool", "window": 2}

# Without hessian_free, whose products with the Gauss-Newton matrix are NumPy's.
OPTIMIZERS = ["sgd", "nesterov", "adam", "adamw", "adagrad", "rmsprop", "gradient_descent", "spsa"]
SCHEDULES = {
    "cosine": {"initial": 0.1, "final": 0.01},
    "exponential": {"initial": 0.1, "gamma": 0.7},
    "inverse": {"initial": 0.1, "gamma": 0.7, "power": 0.6},
    "polynomial": {"initial": 0.1, "final": 0.01, "power": 1.3},
    "one_cycle": {"initial": 0.01, "maximum": 0.1},
}
FUNCTIONS = ["leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"]
CASES = {
    **{name: {"optimizer": name} for name in OPTIMIZERS},
    **{name: {"learning_rate": {"schedule": name, **SCHEDULES[name]}} for name in SCHEDULES},
    **{
        name: {"data": {"source": "digits", "validation": 0.1, "standardize": name}}
        for name in ("none", "zero_to_one", "per_channel", "per_pixel")
    },
    "float64": {"compute": {"engine": "compiled", "dtype": "float64"}},
    "smoothed labels": {"loss": {"type": "cross_entropy", "label_smoothing": 0.1}},
    "class weights": {"loss": {"type": "cross_entropy", "class_weights": "balanced"}},
    "quadratic loss": {"loss": "quadratic"},
    "all risks": {"evaluate_train": "full"},
    **{name: layers({"type": name}) for name in FUNCTIONS},
    "rounded relu": layers({"type": "relu", "radius": 0.1}),
    "half a derivative": layers({"type": "relu", "derivative_at_zero": 0.5}),
    "smooth pool": layers({"type": "max_pool", "window": 2, "smooth": 5}),
    "split ties": layers({"type": "max_pool", "window": 2, "ties": "split"}),
    "avg_pool": layers({"type": "avg_pool", "window": 2}),
    "group_norm": layers({"type": "group_norm", "groups": 2}),
    "dropout": layers({"type": "dropout", "rate": 0.3}),
    "winograd": layers(RELU, {"type": "conv", "filters": 9, "kernel": 3, "padding": "same"})
    | {"compute": {"engine": "compiled", "conv": "winograd"}},
}
FIT = """
import json, sys
from pathlib import Path
from cnntrain import fit
from tests.run_files import digest, digests
found = {}
for name, config in json.load(sys.stdin).items():
    fit(config, run=name)
    found[name] = [digest(Path(name) / "steps.csv"), *digests(Path(name)).values()]
json.dump(found, sys.stdout)
"""


def config(case):
    return {**CONFIG, **layers(RELU, POOL), **CASES[case]}


def all_in_c(case):
    """Whether the network is one call in C."""
    loaded = cnntrain.load_config(config(case))
    network = cnntrain.build_network(loaded, input_shape=(8, 8, 1), outputs=10)
    loss = network.engine.loss(network.loss)
    return (
        network.engine.batch_pass(network.stages, network.parameters, loss).func
        is CompiledBatchPass
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The digests of each case where nothing is held back, and where much is."""
    results = []
    for environment in ({}, plain()):
        lab = Lab(tmp_path_factory.mktemp("processor"))
        done = subprocess.run(
            [sys.executable, "-c", FIT],
            input=json.dumps({case: config(case) for case in CASES}),
            cwd=lab.folder,
            env={**lab.environment, **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        results.append(json.loads(done.stdout))
    return results


@pytest.mark.parametrize("case", CASES)
def test_one_result(case, found):
    assert all_in_c(case)
    here, there = found
    assert here[case] == there[case]
