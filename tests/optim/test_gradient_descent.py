"""Gradient descent: equation 6, and the line search against its definition."""

from __future__ import annotations

import numpy as np
import pytest


def armijo(problem, **settings):
    return problem.optimizer("gradient_descent", **settings)


def test_without_line_search_a_step_is_equation_6(regression):
    w, state, objectives = regression.run(armijo(regression, line_search="none"), 1, 0.1)
    gradient = regression.objective().gradient(regression.start)[1]
    np.testing.assert_allclose(w, regression.start - 0.1 * gradient, rtol=1e-14)
    assert state == {}
    assert objectives[0].counts.losses == 0


@pytest.mark.parametrize("contraction", [0.5, 0.1])
@pytest.mark.parametrize("sufficient", [1e-4, 0.4])
def test_the_step_is_the_first_with_sufficient_decrease(contraction, sufficient, regression):
    optimizer = armijo(regression, contraction=contraction, sufficient=sufficient)
    w, state, objectives = regression.run(optimizer, 1, 8.0)
    before = regression.start
    total, gradient = regression.objective().gradient(before)
    trials = [8.0 * contraction**i for i in range(20)]
    enough = [
        regression.risk(before - a * gradient) <= total.risk - sufficient * a * gradient @ gradient
        for a in trials
    ]
    first = enough.index(True)
    assert first > 0
    assert state["accepted"][0] == pytest.approx(trials[first])
    np.testing.assert_allclose(w, before - trials[first] * gradient, rtol=1e-12)
    assert objectives[0].counts.losses == 40 * (first + 1)
    assert objectives[0].counts.gradients == 40


def test_each_search_starts_one_contraction_above_the_last_step(regression):
    optimizer, w = armijo(regression), regression.start
    state = optimizer.start(w)
    optimizer.step(w, regression.objective(), 1e3, state)
    for _ in range(10):
        last, objective = state["accepted"][0], regression.objective()
        optimizer.step(w, objective, 1e3, state)
        trials = objective.counts.losses // 40
        assert state["accepted"][0] == pytest.approx(2 * last * 0.5 ** (trials - 1))


def test_no_step_is_longer_than_the_learning_rate(regression):
    _, state, objectives = regression.run(armijo(regression), 5, 1e-3)
    assert state["accepted"][0] == 1e-3
    assert all(objective.counts.losses == 40 for objective in objectives)


@pytest.mark.parametrize("rate", [1e-2, 1.0, 1e4])
def test_the_risk_never_rises(rate, classifier, regression):
    for problem in (classifier, regression):
        optimizer, w = armijo(problem, longest=40), problem.start
        state, risk = optimizer.start(w), problem.risk(w)
        first = risk
        for _ in range(30):
            optimizer.step(w, problem.objective(), rate, state)
            assert problem.risk(w) <= risk
            risk = problem.risk(w)
        assert risk < first


def test_it_reaches_the_minimum_of_a_quadratic(regression, least_squares):
    w, _, _ = regression.run(armijo(regression), 300, 1.0)
    np.testing.assert_allclose(w, least_squares, rtol=1e-6, atol=1e-7)


def test_where_no_step_is_acceptable_w_stays(regression):
    optimizer, w = armijo(regression, longest=3), regression.start
    state, objective = optimizer.start(w), regression.objective()
    optimizer.step(w, objective, 1e9, state)
    np.testing.assert_array_equal(w, regression.start)
    assert objective.counts.losses == 40 * 4
    assert np.isinf(state["accepted"][0])
