"""A run that was stopped and resumed has the same bytes as one that was not."""

import json

import pytest

from cnntrain import fit
from cnntrain.training.trainer import Trainer

FILES = ("metrics.csv", "checkpoints/best.safetensors", "checkpoints/last.safetensors")
STOPS = (21, 31)  # of 42 steps: at the end of an epoch, and in the middle of the next


@pytest.fixture
def straight(digits):
    """The config, and the directory of a run of it that nothing has stopped."""
    run = digits.parent / "straight"
    assert fit(digits, run=run).steps == 42
    return digits, run


@pytest.fixture
def stopped(straight, stop_after):
    """`stopped()` trains that config with stops, and lists the files that differ."""

    def train():
        config, undisturbed = straight
        run = config.parent / "stopped"
        for step in STOPS:
            ended = fit(config, run=run, resume=True, progress=stop_after(run, step))
            assert (ended.status, ended.steps) == ("stopped", 21 if step > 20 else 0)
        assert fit(config, run=run, resume=True).status == "finished"
        return [n for n in FILES if (run / n).read_bytes() != (undisturbed / n).read_bytes()]

    return train


def test_stopped_at_the_end_of_an_epoch_and_within_one(digits, stopped):
    assert stopped() == []
    lines = (digits.parent / "stopped" / "events.jsonl").read_text().splitlines()
    events = [(event["event"], event["step"]) for event in map(json.loads, lines)]
    assert [step for event, step in events if event == "resume"] == list(STOPS)


def test_a_resume_that_forgets_the_velocity_is_noticed(stopped, monkeypatch):
    right = Trainer.restore

    def forgetful(self, state, w, optimizer_state, settings_changed):
        right(self, state, w, {k: 0 * v for k, v in optimizer_state.items()}, settings_changed)

    monkeypatch.setattr(Trainer, "restore", forgetful)
    assert stopped() == list(FILES)
