"""The self-test of exact resume: it passes, and it notices where the promise is broken."""

import json

from cnntrain.config import load_config
from cnntrain.training.progress import Progress
from cnntrain.training.trainer import Trainer
from cnntrain.training.verify import verify_resume


def test_it_stops_at_the_end_of_an_epoch_and_within_one(digits, cnntrain):
    done = cnntrain("fit", digits, "--verify-resume", "--quiet")
    assert done.code == 0, done.err
    assert done.out == (
        "epochs                        2\n"
        "steps                         42\n"
        "stopped after step            21, 31\n"
        "metrics.csv                   same bytes\n"
        "checkpoints/best.safetensors  same bytes\n"
        "checkpoints/last.safetensors  same bytes\n"
    )
    assert [path.name for path in digits.parent.iterdir()] == ["small.yaml"]
    report = json.loads(cnntrain("fit", digits, "--verify-resume", "--quiet", "--json").out)
    assert report["stops"] == [21, 31]
    assert all(report["same"].values())


def test_the_stops_are_real(digits, tmp_path):
    verify_resume(load_config(digits), tmp_path / "runs", Progress())
    lines = (tmp_path / "runs" / "stopped" / "events.jsonl").read_text().splitlines()
    events = [(event["event"], event["step"]) for event in map(json.loads, lines)]
    assert [step for event, step in events if event == "resume"] == [21, 31]


def test_a_resume_that_forgets_the_velocity_is_noticed(digits, cnntrain, monkeypatch):
    right = Trainer.restore

    def forgetful(self, state, w, memory, refit):
        right(self, state, w, {name: 0 * array for name, array in memory.items()}, refit)

    monkeypatch.setattr(Trainer, "restore", forgetful)
    done = cnntrain("fit", digits, "--verify-resume", "--quiet")
    assert done.code == 4
    assert "checkpoints/last.safetensors  DIFFERENT" in done.out
    assert "a run that was stopped and resumed differs in metrics.csv, checkpoints/best" in done.err


def test_a_run_of_one_step_has_nothing_to_stop(digits, cnntrain):
    given = ("--set", "batch_size=full", "--set", "epochs=1")
    done = cnntrain("fit", digits, "--verify-resume", "--quiet", *given)
    assert done.code == 0
    assert "stopped after step            -\n" in done.out


def test_it_has_no_run_directory(digits, cnntrain):
    done = cnntrain("fit", digits, "--verify-resume", "--run", "x")
    assert done.code == 2
    assert "--verify-resume goes without --run, --resume and --replay" in done.err
