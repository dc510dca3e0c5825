"""What holds for every optimizer that asks for more, or for less, than one gradient a step."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.optim.objective import NotFiniteError

ROWS = {
    "gradient_descent": ({"line_search": "none"}, 0.1),
    "gradient_descent with line search": ({}, 1.0),
    "hessian_free": ({"iterations": 5}, 1.0),
    "spsa": ({}, 0.003),
}
every_optimizer = pytest.mark.parametrize(("name", "settings", "rate"), [
    pytest.param(name.split()[0], *row, id=name) for name, row in ROWS.items()
])  # fmt: skip


def build(name, settings, problem):
    return problem.optimizer(name, **settings)


@every_optimizer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_lowers_the_risk_and_keeps_the_precision(name, settings, rate, dtype, make_classifier):
    problem = make_classifier(dtype)
    w, _, _ = problem.run(build(name, settings, problem), 20, rate)
    assert w.dtype == dtype
    assert problem.risk(w) < 0.8 * problem.risk(problem.start)


@every_optimizer
def test_steps_go_on_from_a_copied_state(name, settings, rate, classifier):
    optimizer = build(name, settings, classifier)
    w, state, _ = classifier.run(optimizer, 3, rate)
    assert all(isinstance(array, np.ndarray) for array in state.values())
    copied = {key: array.copy() for key, array in state.items()}
    expected, _, _ = classifier.run(optimizer, 3, rate, w, state)
    found, _, _ = classifier.run(build(name, settings, classifier), 3, rate, w, copied)
    np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(found, w)


@every_optimizer
def test_the_sums_are_those_at_the_start_of_the_step(name, settings, rate, regression):
    optimizer, w = build(name, settings, regression), regression.start
    before = regression.risk(w)
    total = optimizer.step(w, regression.objective(), rate, optimizer.start(w))
    assert total.samples == 40
    assert total.risk == pytest.approx(before, rel=1e-3)


@every_optimizer
def test_a_loss_that_is_not_finite_leaves_w_and_state_as_they_were(
    name, settings, rate, regression
):
    optimizer, w = build(name, settings, regression), np.full_like(regression.start, 1e200)
    state = optimizer.start(w)
    before = [w.copy(), *(array.copy() for array in state.values())]
    with pytest.raises(NotFiniteError, match="loss"):
        optimizer.step(w, regression.objective(), rate, state)
    for found, expected in zip([w, *state.values()], before, strict=True):
        np.testing.assert_array_equal(found, expected)
