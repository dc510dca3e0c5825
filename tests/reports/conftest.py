"""Runs to report on."""

import pytest

import cnntrain

DIGITS = {
    "name": "small",
    "data": {"source": "digits", "validation": 0.1, "test": 0.2},
    "layers": [
        {"type": "conv", "filters": 4, "kernel": 3},
        {"type": "relu"},
        {"type": "max_pool", "window": 2},
        {"type": "flatten"},
        {"type": "dense", "units": 10},
        {"type": "softmax"},
    ],
    "loss": "cross_entropy",
    "batch_size": 64,
    "epochs": 3,
    "learning_rate": {"schedule": "step", "initial": 0.05, "factor": 0.1, "every": 2},
    "early_stopping": {"patience": 2},
}


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory):
    """Three epochs on the digits."""
    run = tmp_path_factory.mktemp("runs") / "digits"
    cnntrain.fit(DIGITS, run=run)
    return run


@pytest.fixture(scope="session")
def plane_run(tmp_path_factory):
    """Five epochs on a spiral with three arms, all of them kept."""
    run = tmp_path_factory.mktemp("runs") / "spiral"
    config = {
        "name": "spiral",
        "data": {
            "source": "toy2d",
            "shape": "spiral",
            "classes": 3,
            "samples": 240,
            "validation": 0.25,
        },
        "layers": [
            {"type": "dense", "units": 8},
            {"type": "relu"},
            {"type": "dense", "units": 3},
            {"type": "softmax"},
        ],
        "loss": "cross_entropy",
        "batch_size": 16,
        "epochs": 5,
        "learning_rate": 0.1,
        "checkpoint": {"keep": 5},
    }
    cnntrain.fit(config, run=run)
    return run


@pytest.fixture
def train(tmp_path):
    """Train with other settings; the run."""

    def trained(name="run", **changes):
        run = tmp_path / name
        cnntrain.fit({**DIGITS, **changes}, run=run)
        return run

    return trained
