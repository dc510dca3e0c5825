"""SPSA: two losses a step and no gradient."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.optim.methods.spsa import random_signs
from cnntrain.optim.objective import EvalCounts


def spsa(problem, **settings):
    return problem.optimizer("spsa", **settings)


def test_it_lowers_the_risk_and_asks_for_no_gradient(classifier):
    w, _, objectives = classifier.run(spsa(classifier), 100, 0.003)
    assert classifier.risk(w) < 0.5 * classifier.risk(classifier.start)
    for objective in objectives:
        assert objective.counts == EvalCounts(losses=80)


def test_a_step_is_the_difference_quotient_along_the_signs(regression):
    w, _, _ = regression.run(spsa(regression, perturbation=0.1), 1, 0.01)
    start, signs = regression.start, random_signs(regression.start, (0, 0, 0))
    above, below = regression.risk(start + 0.1 * signs), regression.risk(start - 0.1 * signs)
    np.testing.assert_allclose(w, start - 0.01 * (above - below) / 0.2 * signs, rtol=1e-12)


def test_signs_follow_seed_and_step_alone(regression):
    w = np.zeros(1000)
    draws = {
        (seed, step): random_signs(w, (seed, 1, step)) for seed in range(3) for step in range(3)
    }
    assert len({signs.tobytes() for signs in draws.values()}) == 9
    for (seed, step), signs in draws.items():
        assert set(signs) == {-1, 1}
        assert abs(signs.mean()) < 0.15
        np.testing.assert_array_equal(random_signs(w, (seed, 1, step)), signs)


def test_the_mean_step_is_that_of_gradient_descent(regression):
    """Of a quadratic risk the difference quotient is exact, whatever the perturbation."""
    start, optimizer = regression.start, spsa(regression, perturbation=0.5)
    _, gradient = regression.objective().gradient(start)
    steps = []
    for step in range(4000):
        w = start.copy()
        optimizer.step(w, regression.objective(step), 1.0, {})
        steps.append(start - w)
    mean, error = np.mean(steps, axis=0), np.std(steps, axis=0) / np.sqrt(len(steps))
    assert np.all(np.abs(mean - gradient) < 4 * error)


def test_it_comes_near_the_minimum_of_a_quadratic(regression, least_squares):
    w, _, _ = regression.run(spsa(regression), 2000, 0.02)
    np.testing.assert_allclose(w, least_squares, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_totals_hold_the_mean_of_the_two_losses(dtype, make_classifier):
    problem = make_classifier(dtype)
    optimizer, w = spsa(problem, perturbation=1e-2), problem.start
    moved = w.dtype.type(1e-2) * random_signs(w, (0, 0, 0))
    above, below = (problem.objective().totals(v) for v in (w + moved, w - moved))
    total = optimizer.step(w, problem.objective(), 1e-3, optimizer.start(w))
    assert total.loss == (above.loss + below.loss) / 2
    assert (total.samples, total.errors) == (40, above.errors)
