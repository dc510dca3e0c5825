"""The results recorded in tests/README.md, trained again."""

import json
from pathlib import Path

import pytest

CONFIGS = Path(__file__).parent.parent / "configs"


def accuracy(cnntrain, config, folder):
    assert cnntrain("fit", CONFIGS / config, "--run", folder, "--quiet").code == 0
    return json.loads(cnntrain("evaluate", folder, "--json").out)["accuracy"]


def test_digits_reach_98_percent(cnntrain, tmp_path):
    assert accuracy(cnntrain, "digits.yaml", tmp_path / "run") >= 0.98


@pytest.mark.fashion
def test_fashion_lenet_reaches_89_percent(cnntrain, tmp_path):
    assert accuracy(cnntrain, "fashion-lenet.yaml", tmp_path / "run") >= 0.89


@pytest.mark.fashion
def test_fashion_small_has_the_layers_that_its_file_says(cnntrain):
    found = json.loads(cnntrain("describe", CONFIGS / "fashion-small.yaml", "--json").out)
    assert found["total"]["parameters"] == 1_199_882


def test_regression_finds_the_dots(cnntrain, tmp_path, monkeypatch):
    """Both coordinates to a third of a pixel: a mean loss below 2 / 9."""
    import runpy
    import sys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["blobs.py", "blobs.npz"])
    runpy.run_path(str(CONFIGS / "blobs.py"))
    config = tmp_path / "regression.yaml"
    config.write_text((CONFIGS / "regression.yaml").read_text())
    assert cnntrain("fit", config, "--run", "run", "--quiet").code == 0
    report = json.loads(cnntrain("evaluate", "run", "--json").out)
    assert report["loss"] < 2 / 9
    assert report["zero_one_error"] is None
    first = json.loads(cnntrain("predict", "run", "blobs.npz", "--json").out.splitlines()[0])
    assert len(first["outputs"]) == 2
    header, row = cnntrain("predict", "run", "blobs.npz", "--csv").out.splitlines()[:2]
    assert header == "input,index,output_0,output_1"
    assert len(row.split(",")) == 4
    metrics = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert metrics[1].split(",")[5] == metrics[1].split(",")[7] == ""  # no zero-one errors
