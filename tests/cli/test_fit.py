"""`cnntrain fit`: what it prints, and where."""

import json
import os
import re

import pytest

from cnntrain.nn.engines.choice import engine


def test_results_on_standard_output_progress_on_standard_error(digits, cnntrain):
    result = cnntrain("fit", digits)
    assert result.code == 0
    assert re.fullmatch(
        r"run        runs/small\n"
        r"status     finished\n"
        r"best       epoch \d, validation error [\d.]+ %, validation loss [\d.]+\n"
        r"epochs     2, in [\d.]+ s\n",
        result.out,
    )
    head, columns, first, second, end = result.err.splitlines()
    assert re.fullmatch(r"runs/small: 410 parameters, 1,294 samples and 21 steps an epoch", head)
    assert columns.split() == ["epoch", "train", "error", "valid.", "error", "rate", "/s", "left"]
    assert first.split()[0] == "1/2"
    assert second.split()[0] == "2/2"
    assert len(columns) == len(first.rstrip(" *"))
    assert end == "finished: all 2 epochs done"


def test_quiet_prints_nothing_on_standard_error(digits, cnntrain):
    assert cnntrain("fit", digits, "--quiet").err == ""


def test_json_is_the_summary_on_one_line(digits, cnntrain):
    result = cnntrain("fit", digits, "--quiet", "--json")
    assert result.out.count("\n") == 1
    summary = json.loads((digits.parent / "runs" / "small" / "summary.json").read_text())
    assert json.loads(result.out) == summary


def test_a_config_from_standard_input(digits):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "cnntrain", "fit", "-", "--quiet", "--set", "epochs=1"],
        input=digits.read_text(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (digits.parent / "runs" / "small" / "metrics.csv").exists()


def test_overrides_are_applied_and_recorded(digits, cnntrain):
    cnntrain("fit", digits, "--quiet", "--set", "epochs=1", "--set", "layers.conv1.filters=2")
    run = digits.parent / "runs" / "small"
    record = json.loads((run / "run.json").read_text())
    assert record["overrides"] == ["epochs=1", "layers.conv1.filters=2"]
    assert record["engine"] == engine().name  # what `compute.engine: auto` stands for
    assert "filters: 2" in (run / "config.yaml").read_text()


def test_all_mistakes_of_a_config_are_told_at_once(digits, cnntrain):
    text = digits.read_text().replace("batch_size: 64", "batchsize: 64").replace("0.05", "-1")
    digits.write_text(text)
    result = cnntrain("fit", digits)
    assert result.code == 2
    assert len(result.err.splitlines()) == 2
    for line in result.err.splitlines():
        assert re.match(rf"{re.escape(str(digits))}:\d+:\d+: error: ", line)


def test_layers_that_do_not_fit_are_found_before_training(digits, cnntrain):
    result = cnntrain("fit", digits, "--set", "layers.conv1.kernel=9")
    assert result.code == 2
    assert "layers.0 (conv1): its 9x9 kernel is larger than the 8x8 input" in result.err
    result = cnntrain("fit", digits, "--set", "layers.dense1.units=7")
    assert result.code == 2
    assert "layers.4 (dense1) leads to 7 outputs but the data have 10 classes" in result.err
    assert not (digits.parent / "runs" / "small").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["small.yaml"], 12),
        (["small.yaml", "--resume", "--set", "seed=5"], 2),
        (["nowhere.yaml"], 2),
        (["--resume", "--run", "nowhere"], 10),
    ],
)
def test_json_of_a_refusal_is_not_the_summary_of_another_process(trained, cnntrain, options, code):
    result = cnntrain("fit", *options, "--json", "--quiet")
    assert result.code == code
    said = json.loads(result.out)
    assert list(said) == ["run", "exit_code", "status", "stop_reason"]
    assert (said["exit_code"], said["status"]) == (code, "failed")
    assert said["stop_reason"] in result.err


def test_names_of_directories_steer_no_terminal_and_may_be_no_text(digits, cnntrain):
    escape, no_text = "runs/\x1b[2J", os.fsdecode(b"runs/\xff")
    assert "run        runs/\\x1b[2J\n" in cnntrain("fit", digits, "--run", escape).out
    strange = digits.rename(digits.with_name(os.fsdecode(b"fa\xff.yaml")))
    for options in ((), ("--resume",), ("--resume", "--json")):
        result = cnntrain("fit", strange, "--run", no_text, "--quiet", *options)
        assert result.code == 0, result.err
    assert json.loads(result.out)["run"] == "runs/?"
