"""Hessian-free optimization where the answer is known, and its damping rule."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnntrain.optim.methods.conjugate_gradients import conjugate_gradients
from cnntrain.optim.methods.hessian_free import damping_factor


def hessian_free(problem, **settings):
    return problem.optimizer("hessian_free", **settings)


# Conjugate gradients -------------------------------------------------------------------------


@pytest.fixture
def system():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(30, 12))
    return root.T @ root / 30 + 0.1 * np.eye(12), rng.normal(size=12)


def test_conjugate_gradients_solve_in_as_many_iterations_as_unknowns(system):
    A, b = system
    x, residual = conjugate_gradients(lambda d: A @ d, b, np.zeros(12), 12, 0)
    np.testing.assert_allclose(x, np.linalg.solve(A, b), rtol=1e-8)
    np.testing.assert_allclose(residual, b - A @ x, atol=1e-12)


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_a_few_iterations_minimize_over_the_krylov_space(iterations, system):
    A, b = system
    x, _ = conjugate_gradients(lambda d: A @ d, b, np.zeros(12), iterations, 0)
    K = np.stack([np.linalg.matrix_power(A, i) @ b for i in range(iterations)], axis=1)
    best = K @ np.linalg.solve(K.T @ A @ K, K.T @ b)
    np.testing.assert_allclose(x, best, rtol=1e-6)


def test_a_good_start_is_used_and_one_worse_than_zero_is_not(system):
    A, b = system
    near = np.linalg.solve(A, b) * 0.9
    kept, _ = conjugate_gradients(lambda d: A @ d, b, near, 0, 0)
    np.testing.assert_array_equal(kept, near)
    dropped, residual = conjugate_gradients(lambda d: A @ d, b, -near, 0, 0)
    np.testing.assert_array_equal(dropped, np.zeros(12))
    np.testing.assert_array_equal(residual, b)


def test_they_end_where_progress_does():
    """A long tail of tiny eigenvalues: the solution is far, but phi hardly moves."""
    scale, products = np.geomspace(1, 1e-8, 200), []

    def product(d):
        products.append(1)
        return scale * d

    conjugate_gradients(product, np.sqrt(scale), np.zeros(200), 1000, 1e-2)
    early = len(products)
    products.clear()
    conjugate_gradients(product, np.sqrt(scale), np.zeros(200), 1000, 0)
    assert 11 < early < 100 < len(products)


def test_a_solved_and_a_singular_system_end_at_once():
    b = np.array([1.0, 2.0])
    products = []
    x, residual = conjugate_gradients(lambda d: products.append(d) or d, b, b, 50, 0)
    assert len(products) == 1
    np.testing.assert_array_equal(x, b)
    np.testing.assert_array_equal(residual, 0)
    x, _ = conjugate_gradients(lambda d: 0 * d, b, np.zeros(2), 50, 0)
    np.testing.assert_array_equal(x, 0)


# The optimizer -------------------------------------------------------------------------------


def test_without_damping_a_linear_regression_is_solved_in_one_step(regression, least_squares):
    optimizer = hessian_free(regression, damping=1e-12, tolerance=0)
    w, _, (objective,) = regression.run(optimizer, 1, 1.0)
    np.testing.assert_allclose(w, least_squares, rtol=1e-8)
    assert objective.counts.gradients == objective.counts.losses == 40
    assert 40 * 4 <= objective.counts.products <= 40 * 51


def test_a_damped_step_solves_the_damped_equations(regression):
    optimizer = hessian_free(regression, damping=0.7, tolerance=0)
    w, _, _ = regression.run(optimizer, 1, 0.5)
    _, g = regression.objective().gradient(regression.start)
    G = np.array([regression.objective().curvature(regression.start, e) for e in np.eye(8)])
    d = np.linalg.solve(G + 0.7 * np.eye(8), -g)
    np.testing.assert_allclose(w, regression.start + 0.5 * d, rtol=1e-9)


def test_damping_falls_while_the_model_is_right(regression):
    """For a quadratic risk the reduction ratio is 1."""
    for rate in (1.0, 0.5):
        _, state, _ = regression.run(hessian_free(regression, damping=2.0), 2, rate)
        assert state["damping"][0] == pytest.approx(2 * (2 / 3) ** 2)


def test_a_step_that_raises_the_loss_is_refused_and_damping_raised(regression):
    optimizer, w = hessian_free(regression, damping=1e-9, tolerance=0), regression.start
    state = optimizer.start(w)
    optimizer.step(w, regression.objective(), 2.5, state)  # past the minimum and up
    np.testing.assert_array_equal(w, regression.start)
    assert state["damping"][0] == pytest.approx(1.5e-9)


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        (math.inf, 3 / 2),
        (1e-9, 3 / 2),
        (0.0, 3 / 2),
        (-0.9, 3 / 2),
        (-1.1, 1.0),
        (-2.9, 1.0),
        (-3.1, 2 / 3),
        (-5.0, 2 / 3),
    ],
)
def test_damping_follows_the_reduction_ratio(change, factor):
    assert damping_factor(change, predicted=-4.0) == factor


def test_the_reduction_ratio_is_that_of_the_undamped_model(make_classifier):
    """The step's damping against the rule, with the Gauss-Newton matrix written out."""
    problem = make_classifier(np.float64)
    w, risk = problem.start, problem.risk(problem.start)
    _, g = problem.objective().gradient(w)
    G = np.array([problem.objective().curvature(w, e) for e in np.eye(w.size)])
    factors = set()
    for damping in np.geomspace(0.05, 20, 12):
        optimizer = hessian_free(problem, damping=damping, iterations=100, tolerance=0)
        _, state, _ = problem.run(optimizer, 1, 0.9)
        d = 0.9 * np.linalg.solve(G + damping * np.eye(w.size), -g)
        factor = damping_factor(problem.risk(w + d) - risk, g @ d + d @ G @ d / 2)
        assert state["damping"][0] == pytest.approx(damping * factor)
        factors.add(factor)
    assert factors == {3 / 2, 1, 2 / 3}


def test_at_a_minimum_damping_stays():
    assert damping_factor(0.0, predicted=0.0) == 1
    assert damping_factor(1e-9, predicted=0.0) == 3 / 2


@pytest.mark.parametrize(("damping", "steps"), [(1.0, 15), (0.01, 25)])
def test_the_risk_of_a_fixed_batch_never_rises(damping, steps, make_classifier):
    """Also where damping is too low at first, and steps are refused until it has risen."""
    problem = make_classifier(np.float64)
    optimizer, w = hessian_free(problem, damping=damping), problem.start
    state, risk = optimizer.start(w), problem.risk(w)
    for _ in range(steps):
        optimizer.step(w, problem.objective(), 1.0, state)
        assert problem.risk(w) <= risk
        risk = problem.risk(w)
    assert risk < 0.01


def test_it_starts_from_the_last_solution(regression):
    optimizer, w = hessian_free(regression, tolerance=0, iterations=1), regression.start
    cold, warm = optimizer.start(w), optimizer.start(w)
    _, g = regression.objective().gradient(w)
    G = np.array([regression.objective().curvature(w, e) for e in np.eye(8)])
    exact = np.linalg.solve(G + np.eye(8), -g)
    warm["direction"][...] = exact + 1e-6
    for state in (cold, warm):
        optimizer.step(w.copy(), regression.objective(), 1.0, state)
    assert np.abs(warm["direction"] - exact).max() < 2e-6 < np.abs(cold["direction"] - exact).max()
