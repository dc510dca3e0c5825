"""Rules that watch what a run does not have are refused, whatever they would do."""

import numpy as np
import pytest

NOTHING_VALIDATED = "but there is no validation part (set data.validation, or"
NO_CLASSES = "but the targets are real numbers (monitor a loss, or"


def plateau(monitor):
    return f"{{schedule: constant, initial: 0.1, on_plateau: {{monitor: {monitor}}}}}"


@pytest.fixture
def regression(digits):
    """The config made one of a small regression, with a validation part."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 8, 8)).astype(np.float32), random.normal(size=(60, 1))
    np.savez(digits.parent / "r.npz", x_train=x, y_train=y)
    text = digits.read_text().replace("source: digits", "source: npz, path: r.npz")
    text = text.replace("units: 10", "units: 1").replace("  - {type: softmax}\n", "")
    digits.write_text(text.replace("cross_entropy", "quadratic"))
    return digits


@pytest.mark.parametrize(
    ("setting", "path", "column"),
    [
        (f"learning_rate={plateau('validation_loss')}", "learning_rate.on_plateau", "loss"),
        (f"learning_rate={plateau('validation_error')}", "learning_rate.on_plateau", "error"),
        (
            f"phases=[{{learning_rate: 1, until: {{epochs: 1}}}}, "
            f"{{learning_rate: {plateau('validation_loss')}}}]",
            "phases.1.learning_rate.on_plateau",
            "loss",
        ),
    ],
)
def test_without_a_validation_part(digits, cnntrain, setting, path, column):
    done = cnntrain("fit", digits, "--set", "data.validation=none", "--set", setting)
    assert done.code == 2
    assert done.err == (
        f"--set {setting}: error: {path} watches validation_{column}, "
        f"{NOTHING_VALIDATED} {path}: none)\n"
    )
    assert not (digits.parent / "runs" / "small").exists()


@pytest.mark.parametrize(
    ("setting", "path", "column"),
    [
        (f"learning_rate={plateau('train_error')}", "learning_rate.on_plateau", "train_error"),
        ("target_error=0.1", "target_error", "validation_error"),
        ("early_stopping={patience: 2}", "early_stopping", "validation_error"),
    ],
)
def test_without_classes(regression, cnntrain, setting, path, column):
    done = cnntrain("fit", regression, "--set", setting)
    assert done.code == 2
    assert f"{path} watches {column}, {NO_CLASSES} {path}: none)" in done.err


def test_all_are_told_in_one_report(regression, cnntrain):
    given = ("target_error=0.1", f"learning_rate={plateau('validation_error')}")
    options = [part for setting in given for part in ("--set", setting)]
    done = cnntrain("fit", regression, "--set", "data.validation=none", *options)
    assert done.code == 2
    assert [line.split(": error: ")[1].split()[0] for line in done.err.splitlines()] == [
        "learning_rate.on_plateau",
        "target_error",
    ]


def test_what_is_there_can_be_watched(regression, cnntrain):
    setting = f"learning_rate={plateau('validation_loss').replace('0.1', '0.001')}"
    assert cnntrain("fit", regression, "--quiet", "--set", setting).code == 0


METRIC = "but there are 4 classes (it takes 6 or more, or"


@pytest.fixture
def four_classes(digits):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 8, 8)), np.arange(60) % 4
    np.savez(digits.parent / "r.npz", x_train=x, y_train=y)
    text = digits.read_text().replace("source: digits", "source: npz, path: r.npz")
    digits.write_text(text.replace("units: 10", "units: 4"))
    return digits


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("metrics=[macro_f1, top5_error]", f"metrics.1 is top5_error, {METRIC} metrics: none)"),
        (
            "early_stopping={monitor: top5_error}",
            f"early_stopping watches top5_error, {METRIC} early_stopping: none)",
        ),
        (
            "early_stopping={monitor: train_zero_one}",
            "early_stopping watches train_zero_one, but evaluate_train is running "
            "(set evaluate_train: full, or early_stopping: none)",
        ),
    ],
)
def test_with_few_classes_and_a_running_mean(four_classes, cnntrain, setting, message):
    done = cnntrain("fit", four_classes, "--set", setting)
    assert (done.code, done.err) == (2, f"--set {setting}: error: {message}\n")
    rest = ("--set", "early_stopping.monitor=macro_f1", "--set", "metrics=[balanced_error]")
    assert cnntrain("fit", four_classes, "--quiet", *rest).code == 0


def test_metrics_are_those_of_a_classifier_and_of_a_validation_part(regression, digits, cnntrain):
    done = cnntrain("fit", regression, "--set", "metrics=[macro_f1]")
    assert done.err.endswith(
        ": error: metrics.0 is macro_f1, but the targets are real numbers (leave it out, or "
        "metrics: none)\n"
    )
    given = ("--set", "data.validation=none", "--set", "early_stopping=none")
    done = cnntrain("fit", digits, *given, "--set", "metrics=[balanced_error]")
    assert f"metrics.0 is balanced_error, {NOTHING_VALIDATED} metrics: none)" in done.err


def test_early_stopping_on_the_training_part_needs_no_validation_part(digits, cnntrain):
    setting = "early_stopping={monitor: train_loss, patience: 1, min_delta: 99%}"
    given = ("--set", "data.validation=none", "--set", "epochs=4", "--set", setting)
    done = cnntrain("fit", digits, "--quiet", *given)
    assert done.code == 0, done.err
    assert "early_stopped" in done.out
    assert (digits.parent / "runs/small/metrics.csv").read_text().count("\n") == 3
