"""Divergence: found before anything that is not finite reaches the disk."""

import csv
import json

import numpy as np
import pytest

from cnntrain import fit
from cnntrain.errors import DivergedError
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


def test_divergence_names_the_layer_and_points_to_a_sweep_where_the_rate_is_off_by_decades(
    digits, cnntrain
):
    done = cnntrain("fit", digits, "--quiet", "--set", "learning_rate=1e30")
    assert done.code == 6
    assert done.err == (
        "cnntrain: error: the training loss is not finite at epoch 1, step 2, first in the output "
        "of layers.4 (dense1) (learning rate 1e+30 is far too large: cnntrain lr-sweep CONFIG "
        "finds one)\n"
    )


def regression(x, **settings):
    """The end of training a line through `x`, on all samples at a time."""
    np.savez("line.npz", x=x, y=x[:, 0])
    given = {
        "data": {"source": "npz", "path": "line.npz", "standardize": "none"},
        "layers": [{"type": "dense", "units": 1}],
        "loss": "quadratic",
        "batch_size": "full",
        "epochs": 1000,
    }
    with pytest.raises(DivergedError) as caught:
        fit({**given, **settings})
    return str(caught.value)


def test_a_rate_that_is_a_little_too_large_is_divided_by_ten(tmp_path, monkeypatch):
    """Each step takes the error times 1 - 2 a: 38 decades are the work of some 85 steps."""
    monkeypatch.chdir(tmp_path)
    assert "(learning rate 2: try 0.2)" in regression(np.array([[1.0], [-1.0]]), learning_rate=2)


def test_a_loss_that_is_not_finite_before_any_step_is_not_due_to_the_rate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = regression(np.array([[1e30], [-1e30]]), learning_rate=0.1)
    assert message == (
        "the training loss is not finite at epoch 1, step 1 (no step has been taken: mend the data "
        "or the initial weights)"
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
    plain = ("--set", "compute.engine=numpy")  # where it overflows first is the engine's affair
    given = ("--set", f"data={data}", "--set", stopping, *plain, "--run", "run", "--json")
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
