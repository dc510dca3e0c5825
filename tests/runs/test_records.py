"""Checkpoints and summaries: the record that is written is the one that is read."""

import json
from pathlib import Path

import numpy as np
import pytest

from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.checkpoint_record import CheckpointRecord
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import EMPTY_SUMMARY, EpochPoint, Summary

ROW = Row(3, 30, 480, 0.1, 0.75, 0.25, 0.5, 0.125, 1e-3)


def test_a_checkpoint_is_read_as_it_was_written(trained):
    path = trained / "checkpoints" / "best.safetensors"
    checkpoint = Checkpoint.read(path)
    assert checkpoint.encode() == path.read_bytes()
    assert (checkpoint.record.name, checkpoint.record.within_epoch) == (
        f"epoch-{checkpoint.record.epoch:04d}.safetensors",
        False,
    )


def test_the_record_is_all_of_the_metadata(trained):
    _, metadata = checkpoint_file.read(trained / "checkpoints" / "last.safetensors")
    record = CheckpointRecord.parse(metadata)
    assert set(record.model_dump()) == set(metadata) - {"format"}
    assert json.loads(json.dumps(record.model_dump())) == {
        key: value for key, value in metadata.items() if key != "format"
    }
    assert record.row.epoch == record.epoch == record.trainer.at.completed


def test_a_record_that_is_read_may_have_keys_of_a_later_version(trained):
    _, metadata = checkpoint_file.read(trained / "checkpoints" / "last.safetensors")
    assert CheckpointRecord.parse({**metadata, "average": {}}) == CheckpointRecord.parse(metadata)


def test_parameters_are_those_of_the_network_or_refused(trained):
    import cnntrain as package

    model = package.load_model(trained)
    checkpoint = Checkpoint.read(model.path)
    np.testing.assert_array_equal(checkpoint.vectors(model.network)[0], model.w)
    name, *_ = checkpoint.named_arrays
    short = {**checkpoint.named_arrays, name: checkpoint.named_arrays[name][:1]}
    with pytest.raises(ValueError, match=name):
        Checkpoint(short, {}, checkpoint.record).vectors(model.network)


def test_a_summary_follows_the_epochs():
    summary = Summary.begin(Path("run"), seed=7, parameters=10)
    assert summary == EMPTY_SUMMARY.model_copy(update={"run": "run", "seed": 7, "parameters": 10})
    summary.add(ROW, best=True)
    summary.add(Row(4, 40, 640, 0.1, 0.5, 0.25, 0.75, 0.25, 1e-3), best=False)
    assert (summary.epochs, summary.steps, summary.best_epoch) == (4, 40, 3)
    assert summary.early_stopping_point == EpochPoint.of(ROW)
    summary.end("finished", "all 4 epochs done", 0)
    assert summary.complete
    assert Summary.parse(json.dumps(summary.as_dict()).encode()) == summary
    summary.restore(EpochPoint.of(ROW), ROW)
    assert (summary.epochs, summary.last) == (3, summary.early_stopping_point)


def test_seconds_are_written_to_three_places():
    summary = Summary(status="running", seconds=1.23456)
    assert summary.as_dict()["seconds"] == 1.235


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{}", "status: Field required"),
        (b'{"status": "x", "epochs": "1"}', "epochs: Input should be a valid integer"),
        (b'{"status": "x", "seconds": 1e999}', "seconds: Input should be a finite number"),
        (b'{"status": "x", "last": {"epoch": 1}}', "last.step: Field required"),
        (b"[1]", "Input should be an object"),
    ],
)
def test_what_is_no_summary_is_refused(content, problem):
    with pytest.raises(ValueError, match=problem):
        Summary.parse(content)


def test_a_path_that_is_not_text_can_be_written():
    path = Path("run-\udcff")
    assert Summary.begin(path, 0, 1).run == "run-?"
    assert EMPTY_SUMMARY.moved_to(path).run == "run-?"
