"""Signs of life: how far the epoch has come, while a process trains."""

import json

import pytest

import cnntrain
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.progress import Progress

from ..conftest import DIGITS


class Watcher(Progress):
    """Reads the signs of life of the run in a directory after each step."""

    def __init__(self, run):
        self.directory, self.beats, self.steps = RunDirectory(run), [], []

    def step(self, step):
        self.steps.append(step)
        self.beats.append(self.directory.read_beat())


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(DIGITS)
    return path


def test_a_run_under_way_tells_how_far_it_has_come(config, tmp_path, monkeypatch):
    monkeypatch.setattr("cnntrain.training.heartbeat.PAUSE", 0.0)
    watcher = Watcher(tmp_path / "run")
    cnntrain.fit(config, run=tmp_path / "run", progress=watcher)
    for beat, step in zip(watcher.beats, watcher.steps, strict=True):
        assert (beat.epoch, beat.batch, beat.step) == (step.epoch, step.batch, step.step)
        assert (beat.epochs, beat.batches) == (2, 21)
        assert (beat.learning_rate, beat.loss) == (0.05, step.running.risk)
        assert beat.error == step.running.error
    assert not (tmp_path / "run/.progress.json").exists()


def test_it_is_seldom_written(config, tmp_path):
    watcher = Watcher(tmp_path / "run")
    cnntrain.fit(config, run=tmp_path / "run", progress=watcher)
    assert watcher.beats[0].step == 1
    assert len({beat.step for beat in watcher.beats}) < len(watcher.steps)


def test_a_run_goes_on_where_it_cannot_be_written(config, tmp_path, monkeypatch):
    monkeypatch.setattr("cnntrain.training.heartbeat.PAUSE", 0.0)

    class Blocker(Watcher):
        def step(self, step):
            if step.step == 1:
                self.directory.remove_beat()
                self.directory.beat.mkdir()

    summary = cnntrain.fit(config, run=tmp_path / "run", progress=Blocker(tmp_path / "run"))
    assert summary.status == "finished"


def test_what_a_dead_process_has_left_is_removed(config, tmp_path):
    run = tmp_path / "run"
    cnntrain.fit(config, run=run)
    (run / ".progress.json").write_text("x" * 9999)
    cnntrain.fit(config, run=run, resume=True)
    assert not (run / ".progress.json").exists()


@pytest.mark.parametrize("content", ["", "null", '{"epoch": 1', "[]", json.dumps({"epoch": 0})])
def test_nonsense_is_no_sign_of_life(content, tmp_path):
    (tmp_path / ".progress.json").write_text(content)
    assert RunDirectory(tmp_path).read_beat() is None
