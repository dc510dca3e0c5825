"""What happens to a step on its way from the gradient to w, in a whole run."""

from __future__ import annotations

import pytest

from cnntrain import Run, fit, load_config

SGD = {"optimizer": {"type": "sgd"}, "record_steps": 1}


def test_steps_are_clipped_and_the_norm_that_is_recorded_is_the_one_before(digits):
    fit(load_config(digits, {**SGD, "gradient_clip": 2.0}), run="clipped")
    steps = Run("clipped").steps
    long = steps["gradient_norm"] > 2.0
    assert long.any() and not long.all()
    expected = steps["gradient_norm"].clip(max=2.0)
    assert steps["step_norm"] == pytest.approx(0.05 * expected, rel=1e-5)


def test_a_rate_that_is_the_same_for_all_layers_is_the_learning_rate(digits):
    factors = {f"layers.{name}.rate_factor": 0.5 for name in ("conv1", "dense1")}
    fit(load_config(digits, {**SGD, **factors}), run="factors")
    fit(load_config(digits, {**SGD, "learning_rate": 0.025}), run="rate")
    found, expected = Run("factors").metrics, Run("rate").metrics
    for column in ("train_loss", "validation_loss", "step_norm"):
        assert found[column] == pytest.approx(expected[column], rel=1e-4)
    assert Run("factors").steps["learning_rate"] == pytest.approx(0.05)
