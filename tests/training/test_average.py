"""Runs that average w over the steps: what they measure, keep, and give to those who evaluate."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cnntrain import Run, evaluate, fit, load_config, load_model
from cnntrain.errors import UsageError
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.progress import Progress
from cnntrain.training.run import TrainingRun

from ..run_files import digests

AVERAGE = {"average": {"decay": 0.8, "every": 4}}


@pytest.fixture
def normalized(digits):
    """The config of `digits` with batch normalisation."""
    text = digits.read_text()
    digits.write_text(re.sub(r"(\n +- \{type: relu\})", r"\n  - {type: batch_norm}\1", text))
    assert "batch_norm" in digits.read_text()
    return digits


@pytest.fixture
def averaged(normalized):
    """A config with an average, and a run of it."""
    config = load_config(normalized, AVERAGE)
    fit(config, run="straight")
    return config


def test_training_itself_is_what_it_was(normalized, averaged):
    fit(normalized, run="plain")
    plain, found = Run("plain").metrics, Run("straight").metrics
    assert set(found) - set(plain) == {"average_validation_loss", "average_validation_error"}
    for column, values in plain.items():
        np.testing.assert_array_equal(values, found[column])


def test_what_is_measured_is_what_evaluation_measures(averaged):
    run = Run("straight")
    for weights, prefix in (("own", ""), ("average", "average_")):
        report = evaluate(run.last, "validation", weights=weights)
        assert report.weights == weights
        assert report.loss == run.metrics[f"{prefix}validation_loss"][-1]
        assert report.zero_one_error == run.metrics[f"{prefix}validation_error"][-1]


def test_the_average_is_that_of_w_and_of_running_statistics(averaged):
    """Of 21 steps every fourth, with what running statistics are then."""
    run = TrainingRun(averaged, RunDirectory(Path("other")), Progress())
    trainer, m, weight = run.trainer, 0, 0
    for batch in trainer.epoch():
        trainer.step(batch)
        if trainer.position.step % 4 == 0:
            both = np.concatenate([trainer.w, trainer.buffers]).astype(np.float64)
            m, weight = 0.8 * m + 0.2 * both, 0.8 * weight + 0.2
    assert weight == pytest.approx(1 - 0.8**5)
    assert trainer.buffers.size == 8
    np.testing.assert_allclose(np.concatenate(trainer.average.means), m / weight, rtol=1e-12)


def test_stopped_and_resumed_with_any_number_of_workers(averaged, normalized, stop_after):
    config = load_config(normalized, {**AVERAGE, "compute.workers": 3})
    for step in (21, 31):
        fit(config, run="stopped", resume=True, progress=stop_after(Path("stopped"), step))
    assert fit(config, run="stopped", resume=True).status == "finished"
    assert digests(Run("stopped").path) == digests(Run("straight").path)


def test_checkpoints_keep_it_beside_w_under_names_of_its_own(averaged):
    checkpoint = Checkpoint.read(Run("straight").last)
    names = checkpoint.named_arrays.keys()
    assert "batch_norm1/running_mean" in names
    assert checkpoint.named_averages.keys() == names
    assert {array.dtype.name for array in checkpoint.named_averages.values()} == {"float64"}
    assert checkpoint.record.trainer.averaged == 10
    own, average = (load_model("straight", weights) for weights in ("own", "average"))
    assert (own.weights, average.weights) == ("own", "average")
    assert average.w.dtype == own.w.dtype
    found = average.network.named_parameters(average.w)["conv1/weight"]
    expected = Checkpoint.read(average.path).named_averages["conv1/weight"]
    np.testing.assert_array_equal(found, expected.astype(np.float32))
    assert not np.array_equal(own.w, average.w)
    assert not np.array_equal(own.buffers, average.buffers)


@pytest.mark.parametrize("rate", [0.5, 0.001])
def test_the_better_one_is_what_is_evaluated(normalized, cnntrain, rate):
    """The average is, of steps so long that w jumps about, and is not where it lags behind w."""
    given = ("--set", f"learning_rate={rate}", "--set", "average={decay: 0.8, every: 4}")
    fitted = cnntrain("fit", normalized, "--quiet", *given, "--run", "run")
    point = Run("run").summary.early_stopping_point
    better = point.average_validation_error < point.validation_error
    assert better == (rate == 0.5)
    assert point.weights == ("average" if better else "own")
    taken = "this" if better else "w itself"
    assert f" (evaluate and predict take {taken})\n" in fitted.out
    assert load_model("run").weights == point.weights
    assert evaluate("run").loss == evaluate("run", weights=point.weights).loss
    shown = cnntrain("evaluate", "run").out
    assert ("\nweights         the average of w over the steps\n" in shown) == better
    assert ("\nweights         w itself, not its average\n" in shown) == (not better)
    np.save("x.npy", np.zeros((2, 8, 8, 1)))
    told = "run/checkpoints/best.safetensors: predicting with the average of w"
    assert (told in cnntrain("predict", "run", "x.npy").err) == better
    assert told not in cnntrain("predict", "run", "x.npy", "--weights", "own").err


def test_an_average_that_is_not_there_is_no_answer(trained, cnntrain):
    assert evaluate(trained).weights is None
    assert load_model(trained, "own").weights is None
    with pytest.raises(UsageError, match=r"best.safetensors holds no average of w \(its run has"):
        load_model(trained, "average")
    assert cnntrain("evaluate", trained, "--weights", "average").code == 2
    assert "weights " not in cnntrain("evaluate", trained).out


def test_without_a_validation_part_w_itself_is_taken(normalized):
    config = load_config(normalized, {**AVERAGE, "data.validation": "none"})
    fit(config, run="run")
    run = Run("run")
    assert np.isnan(run.metrics["average_validation_loss"]).all()
    assert run.summary.early_stopping_point.weights is None
    assert load_model("run").weights == "own"


def test_an_average_that_never_begins_is_w_0(normalized):
    config = load_config(normalized, {"average.every": 1000})
    (warning,) = fit(config, run="run").warnings
    assert warning.endswith("average.every is 1000, with 42 steps: it never happens")
    model = load_model("run", "average")
    np.testing.assert_array_equal(model.w, model.network.initial_parameters(0))


def test_settings_of_the_average_that_changed_go_on_with_it(averaged, normalized):
    config = load_config(normalized, {**AVERAGE, "average.decay": 0.5, "epochs": 3})
    with pytest.raises(UsageError, match=r"average.decay 0.8 -> 0.5 \(force them"):
        fit(config, run="straight", resume=True)
    assert fit(config, run="straight", resume=True, allow_changes=True).epochs == 3
    assert Checkpoint.read(Run("straight").last).record.trainer.averaged == 15
