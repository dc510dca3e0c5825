"""A run that version 0.1.0 wrote is read, evaluated and gone on with, as it is."""

import shutil
from pathlib import Path

import pytest

import cnntrain as package

WRITTEN = Path(__file__).parent / "of_version_0_1"


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(WRITTEN, "old")
    return "old"


def test_an_evaluation_gives_what_version_0_1_found(old):
    found = package.evaluate(old)
    assert (found.count, found.zero_one_error) == (359, 0.1977715877437326)
    assert found.loss == pytest.approx(0.6015488833343163, rel=1e-6)
    assert found.warnings == []


def test_python_reads_it(old):
    run, model = package.Run(old), package.load_model(f"{old}/checkpoints/last.safetensors")
    assert (run.summary.status, run.metrics["epoch"][-1]) == ("finished", 3)
    assert (model.epoch, model.inputs, len(model.class_names)) == (3, None, 10)


@pytest.mark.parametrize(
    "command", [["report"], ["compare"], ["watch", "--once"], ["describe"], ["evaluate"]]
)
def test_commands_read_it(old, cnntrain, command):
    result = cnntrain(command[0], old, *command[1:])
    assert (result.code, result.err) == (0, "")


def test_training_goes_on(old, cnntrain):
    config = f"{old}/config.yaml"
    options = ("--run", old, "--resume", "--set", "epochs=4", "--quiet")
    assert cnntrain("fit", config, *options).code == 0
    epochs = package.Run(old).metrics["epoch"]
    assert list(epochs) == [1, 2, 3, 4]


def test_another_training_starts_from_it(old, cnntrain):
    options = ("--run", "new", "--set", f"start_from={old}", "--set", "epochs=1", "--quiet")
    assert cnntrain("fit", f"{old}/config.yaml", *options).code == 0
    assert package.Run("new").metrics["validation_error"][0] < 0.25
