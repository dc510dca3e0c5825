"""cnntrain.Run: one way to read what a run has left."""

import csv
import json

import numpy as np
import pytest

import cnntrain as package
from cnntrain import CheckpointError, ConfigError, NotFoundError, Run


@pytest.fixture
def run(trained):
    return Run(trained)


def cells(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_the_summary_has_the_keys_of_the_file_as_attributes(trained, run):
    written = json.loads((trained / "summary.json").read_text())
    assert run.summary.as_dict() == written
    assert run.summary.early_stopping_point.epoch == written["early_stopping_point"]["epoch"]
    assert (run.summary.status, run.summary.complete) == ("finished", True)


def test_the_config_is_the_one_that_was_trained(digits, run):
    assert run.config == package.load_config(digits)


@pytest.mark.parametrize("name", ["metrics", "timings", "steps"])
def test_tables_are_columns_of_floats(digits, cnntrain, name):
    given = ("--set", "record_steps=7", "--set", "data.validation=none")
    assert cnntrain("fit", digits, "--run", "run", "--quiet", *given).code == 0
    rows = cells(digits.parent / "run" / f"{name}.csv")
    columns = getattr(Run("run"), name)
    assert list(columns) == list(rows[0])
    for key, column in columns.items():
        assert (column.dtype, column.shape) == (np.float64, (len(rows),))
        expected = [float(row[key] or "nan") for row in rows]
        np.testing.assert_array_equal(column, expected)
    if name == "metrics":
        assert np.isnan(columns["validation_error"]).all()


def test_events_are_dictionaries(run):
    assert [event["event"] for event in run.events] == ["start", "stop"]
    assert run.events[-1]["status"] == "finished"


def test_best_and_last_are_checkpoints(trained, run):
    assert run.best == trained / "checkpoints" / "best.safetensors"
    assert run.last == trained / "checkpoints" / "last.safetensors"
    run.best.unlink()
    with pytest.raises(NotFoundError, match="no run with a checkpoint in"):
        _ = run.best


def test_a_run_under_way_can_be_followed(trained, run):
    (trained / "summary.json").unlink()
    assert (run.summary.status, run.summary.epochs) == ("running", 0)
    with (trained / "metrics.csv").open("a") as file:
        file.write("3,63,3882,0.05")
    assert len(run.metrics["epoch"]) == 2
    with (trained / "events.jsonl").open("a") as file:
        file.write('{"time": "20')
    assert len(run.events) == 2
    header = (trained / "metrics.csv").read_text().splitlines()[0]
    (trained / "metrics.csv").write_text(f"{header}\n")
    assert run.metrics["train_loss"].shape == (0,)


def test_nothing_is_written(trained, run):
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*")}
    _ = run.config, run.summary, run.metrics, run.timings, run.events, run.best, run.last
    assert {path: path.stat().st_mtime_ns for path in trained.rglob("*")} == before


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_where_there_is_no_run(digits, path):
    with pytest.raises(NotFoundError, match="no run in "):
        Run(path)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("metrics.csv", "metrics"), ("timings.csv", "timings"), ("events.jsonl", "events")],
)
def test_a_file_that_is_lost_or_damaged_is_named(trained, run, name, attribute):
    path = trained / name
    for content in (b"nonsense\nnonsense\n", b"\xff\n\xff\n"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=name):
            getattr(run, attribute)
    path.unlink()
    with pytest.raises(NotFoundError, match=f"no {name} in "):
        getattr(run, attribute)
    path.mkdir()
    with pytest.raises(CheckpointError, match=f"cannot read .*{name}: it is a directory"):
        getattr(run, attribute)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("x", "row 2: train_loss: Input should be a valid number"),
        ("inf", "finite"),
        ("", "row 2: train_loss: empty in some"),
    ],
)
def test_a_cell_that_no_run_writes_is_named(trained, run, cell, problem):
    path = trained / "metrics.csv"
    text = path.read_text()
    path.write_text(text.replace(cells(path)[1]["train_loss"], cell))
    with pytest.raises(CheckpointError, match=problem):
        _ = run.metrics


def test_a_config_that_is_lost_or_damaged(trained, run):
    (trained / "config.yaml").write_text("layers: 3\n")
    with pytest.raises(ConfigError, match=r"config.yaml:1:"):
        _ = run.config
    (trained / "config.yaml").unlink()
    with pytest.raises(CheckpointError, match="its config.yaml is missing"):
        _ = run.config


def test_layers_are_columns_by_name(digits, cnntrain):
    assert (
        cnntrain("fit", digits, "--run", "run", "--quiet", "--set", "record_layers=true").code == 0
    )
    rows, layers = cells(digits.parent / "run" / "layers.csv"), Run("run").layers
    assert list(layers) == list(dict.fromkeys(row["layer"] for row in rows))
    for name, columns in layers.items():
        own = [row for row in rows if row["layer"] == name]
        for key, column in columns.items():
            assert (column.dtype, column.shape) == (np.float64, (len(own),))
            np.testing.assert_array_equal(column, [float(row[key] or "nan") for row in own])


def test_layers_that_are_not_recorded_are_not_found(run):
    with pytest.raises(NotFoundError, match="no layers.csv in "):
        _ = run.layers


def test_steps_that_are_not_recorded_are_not_found(run):
    with pytest.raises(NotFoundError, match="no steps.csv in "):
        _ = run.steps
