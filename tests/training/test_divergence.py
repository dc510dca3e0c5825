"""Divergence: found before anything that is not finite reaches the disk."""

import csv
import json

import numpy as np
import pytest

from cnntrain.runs import checkpoint_file as checkpoint


def rows(run):
    with (run / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_divergence_stops_with_exit_6_and_finite_checkpoints(digits, cnntrain):
    x = np.random.default_rng(0).normal(size=(600, 8, 8))
    np.savez("numbers.npz", x=x, y=x[:, 0])
    done = cnntrain(
        "fit", digits, "--json", "--set", "epochs=9", "--set", "learning_rate=5",
        "--set", "data={source: npz, path: numbers.npz, validation: 0.1}",
        "--set", "loss=quadratic", "--set", "layers=[{type: flatten}, {type: dense, units: 8}]",
    )  # fmt: skip
    assert done.code == 6
    assert json.loads(done.out)["status"] == "diverged"
    last = done.err.splitlines()[-1]
    assert last.startswith("cnntrain: error: the training ")
    run = digits.parent / "runs" / "small"
    for path in (run / "checkpoints").glob("*.safetensors"):
        arrays, _ = checkpoint.read(path)
        assert all(np.isfinite(array).all() for array in arrays.values())
    assert len(rows(run)) == json.loads(done.out)["epochs"]


def test_divergence_names_the_layer_and_a_rate_to_try(digits, cnntrain):
    done = cnntrain("fit", digits, "--quiet", "--set", "learning_rate=1e30")
    assert done.code == 6
    assert done.err == (
        "cnntrain: error: the training loss is not finite at epoch 1, step 2, first in the output "
        "of layers.4 (dense1) (learning rate 1e+30: try 1e+29)\n"
    )


@pytest.mark.parametrize("monitor", ["validation_error", "validation_loss"])
def test_a_validation_loss_that_is_not_finite_is_divergence(digits, cnntrain, monitor):
    """Never a best epoch, nor a row of numbers that are none."""
    random = np.random.default_rng(0)
    x = random.normal(size=(100, 8, 8)).astype(np.float32)
    y, huge = np.arange(100) % 10, np.full((20, 8, 8), 3e38, np.float32)
    np.savez("huge.npz", x_train=x, y_train=y, x_validation=huge, y_validation=y[:20])
    data = "{source: npz, path: huge.npz, standardize: none}"
    stopping = f"early_stopping={{monitor: {monitor}}}"
    given = ("--set", f"data={data}", "--set", stopping, "--run", "run", "--json")
    done = cnntrain("fit", digits, *given)
    assert done.code == 6
    assert "the validation loss is not finite after epoch 1, first in the output of layers.0" in (
        done.err
    )
    assert json.loads(done.out)["early_stopping_point"] is None
    assert rows(digits.parent / "run") == []


@pytest.mark.parametrize(
    "given",
    [
        ("learning_rate=1e39",),
        ("learning_rate=1e39", "checkpoint.every_steps=1"),
        ("learning_rate=1e39", "record_steps=1"),
        ("learning_rate=1e200", "compute.dtype=float64"),  # its norm alone overflows
    ],
    ids=str,
)
def test_a_step_that_overflows_is_divergence(digits, cnntrain, given):
    """Loss and gradient are finite, and no validation follows that would find it."""
    given = ("batch_size=full", "data.validation=none", *given)
    options = [part for setting in given for part in ("--set", setting)]
    done = cnntrain("fit", digits, "--quiet", "--run", "run", *options)
    assert done.code == 6
    assert "the step is not finite at epoch 1, step 1" in done.err
    assert rows(digits.parent / "run") == []
    assert list((digits.parent / "run/checkpoints").iterdir()) == []
