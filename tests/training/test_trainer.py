"""The trainer alone: an epoch is a loop over batches, which can be left and gone on with."""

import math

import numpy as np
import pytest

from cnntrain.config import load_config
from cnntrain.experiment import set_up
from cnntrain.optim.phases import running_phases
from cnntrain.training.trainer import Trainer


@pytest.fixture
def trainer(digits):
    """`trainer()`: one at w_0, for 21 steps an epoch."""
    config = load_config(digits)

    def make():
        dataset, network, batches = set_up(config)
        phases = running_phases(config.phase_at.values(), config.epochs, batches.steps_per_epoch)
        return Trainer(network, dataset, batches, phases, config.seed)

    return make


def test_an_epoch_is_a_loop_over_its_batches(trainer):
    t = trainer()
    steps = [t.step(batch) for batch in t.epoch()]
    assert [(s.epoch, s.batch, s.step) for s in steps] == [(1, n, n) for n in range(1, 22)]
    assert steps[-1].running.samples == steps[-1].samples == len(t.dataset.train)
    assert (t.position.epoch, t.position.batch, t.samples_seen) == (1, 0, 0)
    assert next(iter(t.step(batch) for batch in t.epoch())).epoch == 2


def test_norms_are_measured_where_asked_for_and_at_the_end_of_an_epoch(trainer):
    t = trainer()
    steps = [t.step(batch, norms=t.position.step == 4) for batch in t.epoch()]
    assert [s.step for s in steps if s.gradient_norm is not None] == [5]
    assert [s.step for s in steps if not math.isnan(s.step_norm)] == [5, 21]


def test_an_epoch_that_was_left_goes_on_with_its_other_batches(trainer):
    straight, left = trainer(), trainer()
    expected = [straight.step(batch) for batch in straight.epoch()]
    for _ in range(10):
        batch = next(left.epoch())
        left.step(batch)
    other = trainer()
    arrays = {name: array.copy() for name, array in left.optimizer_state.items()}
    other.restore(left.state(), left.w.copy(), left.buffers, None, arrays, settings_changed=False)
    found = [other.step(batch) for batch in other.epoch()]
    assert found == expected[10:]
    np.testing.assert_array_equal(other.w, straight.w)
