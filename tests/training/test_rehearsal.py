"""What some steps say about the training that they begin."""

import pytest

from cnntrain.config import load_config
from cnntrain.errors import DivergedError
from cnntrain.experiment import set_up
from cnntrain.training import rehearsal
from cnntrain.training.rehearsal import rehearse
from cnntrain.training.trainer import Trainer


@pytest.fixture
def work(monkeypatch):
    """What is asked of a trainer: its steps, and the samples that it measures."""
    done = {"steps": 0, "measured": []}
    step, measure = Trainer.step, Trainer.measure

    def counted_step(self, *arguments, **options):
        done["steps"] += 1
        return step(self, *arguments, **options)

    def counted_measure(self, part, *arguments):
        done["measured"].append(len(part))
        return measure(self, part, *arguments)

    monkeypatch.setattr(Trainer, "step", counted_step)
    monkeypatch.setattr(Trainer, "measure", counted_measure)
    return done


def test_a_few_steps_and_samples_are_enough(digits, work):
    config = load_config(digits)
    found = rehearse(config, set_up(config))
    assert work["steps"] == rehearsal.STEPS + 1
    assert max(work["measured"]) == rehearsal.SAMPLES
    assert (found.steps_per_epoch, found.epochs, found.parameters) == (21, 2, 410)
    assert found.seconds == pytest.approx(2 * found.epoch_seconds)
    assert found.epoch_seconds > 21 * found.step_seconds > 0


def test_slow_steps_are_few(digits, work, monkeypatch):
    monkeypatch.setattr(rehearsal, "ENOUGH", 0.0)
    config = load_config(digits, {"batch_size": "full"})
    found = rehearse(config, set_up(config))
    assert work["steps"] == found.steps_per_epoch == 1
    assert found.step_seconds > 0


@pytest.mark.parametrize(
    ("changes", "samples"),
    [
        ({"data.validation": "none"}, 0),
        ({}, 144),
        ({"average": {"decay": 0.9}}, 288),
        ({"evaluate_train": "full"}, 144 + 1294),
    ],
)
def test_what_is_measured_after_an_epoch(digits, changes, samples):
    config = load_config(digits, changes)
    assert rehearsal._measured(config, set_up(config)) == samples


def test_steps_that_lead_nowhere(digits):
    config = load_config(digits, {"learning_rate": 1e30})
    with pytest.raises(DivergedError):
        rehearse(config, set_up(config))
