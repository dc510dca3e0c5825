"""A run that was stopped and resumed has the same bytes as one that was not."""

import json
import re

import pytest

from cnntrain import fit, load_config
from cnntrain.training.trainer import Trainer

FILES = ("metrics.csv", "checkpoints/best.safetensors", "checkpoints/last.safetensors")
STOPS = (21, 31)  # of 42 steps: at the end of an epoch, and in the middle of the next

MANY_LAYERS = """\
layers:
  - {type: conv, filters: 4, kernel: 3, padding: same, bias: false}
  - {type: group_norm, groups: 2}
  - {type: repeat, times: 2, layers: [{type: residual, layers: [
      {type: dropout, rate: 0.1}, {type: conv, filters: 4, kernel: 3, padding: same}, silu]}]}
  - {type: residual, layers: [{type: conv, filters: 6, kernel: 1}], shortcut: [
      {type: conv, filters: 4, kernel: 1, name: first}, {type: conv, filters: 6, kernel: 1}]}
  - {type: dropout, rate: 0.1}
  - {type: conv, filters: 8, kernel: 3, groups: 2, dilation: 2, padding: same}
  - {type: batch_norm}
  - {type: leaky_relu}
  - {type: max_pool, window: 3, stride: 2, padding: 1}
  - {type: avg_pool, window: 2, ceil: true}
  - {type: flatten}
  - {type: dense, units: 16}
  - {type: batch_norm, group: 16, momentum: 0.3}
  - {type: gelu}
  - {type: dropout, rate: 0.3}
  - {type: dense, units: 10}
  - {type: softmax}
loss: {type: cross_entropy, label_smoothing: 0.1, class_weights: balanced}
batch_size"""


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


def test_with_dropout_and_many_other_layers(digits, stop_after):
    text = digits.read_text()
    digits.write_text(re.sub(r"layers:.*?batch_size", MANY_LAYERS, text, flags=re.DOTALL))
    straight, run, three = (digits.parent / name for name in ("straight", "stopped", "three"))
    fit(digits, run=straight)
    fit(digits, run=run, progress=stop_after(run, 31))
    assert fit(digits, run=run, resume=True).status == "finished"
    for name in FILES:
        assert (run / name).read_bytes() == (straight / name).read_bytes()
    fit(load_config(digits, {"compute.workers": 3}), run=three)
    assert (three / FILES[0]).read_bytes() == (straight / FILES[0]).read_bytes()


def test_with_metrics_of_a_fold_that_steer_rate_and_end(digits, stop_after):
    settings = {
        "data.validation": "none", "data.fold": {"of": 9, "index": 4},
        "metrics": ["top5_error"],
        "early_stopping": {"monitor": "macro_f1", "patience": 1, "min_delta": "2%"},
        "learning_rate": {
            "schedule": "one_cycle", "initial": 0.01, "maximum": 0.1, "fall": "linear",
            "on_plateau": {"monitor": "balanced_error", "patience": 1, "min_delta": "40%"},
        },
        "epochs": 8,
    }  # fmt: skip
    config = load_config(digits, settings)
    straight, run = digits.parent / "straight", digits.parent / "stopped"
    whole = fit(config, run=straight)
    assert whole.status == "early_stopped"
    for step in (31, 50):
        fit(config, run=run, resume=True, progress=stop_after(run, step))
    assert fit(config, run=run, resume=True).status == "early_stopped"
    for name in FILES:
        assert (run / name).read_bytes() == (straight / name).read_bytes()


def test_a_resume_that_forgets_the_velocity_is_noticed(stopped, monkeypatch):
    right = Trainer.restore

    def forgetful(self, state, w, buffers, means, optimizer_state, settings_changed):
        still = {name: 0 * array for name, array in optimizer_state.items()}
        right(self, state, w, buffers, means, still, settings_changed)

    monkeypatch.setattr(Trainer, "restore", forgetful)
    assert stopped() == list(FILES)
