"""SGD against its definition, written out step by step."""

import numpy as np
import pytest

from cnntrain.optim.methods import SGD


def steps(optimizer, gradients, w, rates):
    w, state = w.copy(), optimizer.start(w)
    for gradient, rate in zip(gradients, rates, strict=True):
        optimizer.move(w, gradient.copy(), rate, state)
    return w, state


def gradients(count=5, size=4):
    return [np.sin(np.arange(size) + 10.0 * t) for t in range(count)]


def test_without_momentum_a_step_is_equation_6():
    w = np.array([1.0, 2.0, 3.0, 4.0])
    found, state = steps(SGD(momentum=0.0), gradients(1), w, [0.1])
    np.testing.assert_allclose(found, w - 0.1 * np.sin(np.arange(4)), rtol=1e-15)
    assert state == {}


def test_momentum_adds_old_gradients_outside_the_rate():
    w, rates = np.zeros(4), [0.1, 0.2, 0.3, 0.01, 0.5]
    expected, velocity = w.copy(), np.zeros(4)
    for g, rate in zip(gradients(), rates, strict=True):
        velocity = 0.9 * velocity + g
        expected = expected - rate * velocity
    found, state = steps(SGD(momentum=0.9), gradients(), w, rates)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(state["velocity"], velocity, rtol=1e-14)


def test_a_new_rate_acts_at_once_on_the_old_velocity():
    optimizer, w = SGD(momentum=0.5), np.zeros(1)
    state = optimizer.start(w)
    optimizer.move(w, np.ones(1), 1.0, state)  # v = 1, w = -1
    optimizer.move(w, np.zeros(1), 0.1, state)  # v = 0.5, w = -1 - 0.1 * 0.5
    assert w[0] == pytest.approx(-1.05)


def test_weight_decay_adds_lambda_w_to_the_gradient_of_weights_alone():
    w, gradient = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    SGD(weight_decay=0.5).decay(w, gradient, 0.1, [slice(0, 1), slice(2, 3)])
    np.testing.assert_allclose(gradient, [0.5, 0.0, 1.5])


def test_weight_decay_enters_the_velocity(regression):
    optimizer, w = SGD(momentum=0.9, weight_decay=0.5), regression.start
    state = optimizer.start(w)
    _, gradient = regression.objective().gradient(w)
    expected = gradient.copy()
    for part in regression.network.layout.decayed_parts:
        expected[part] += 0.5 * w[part]
    optimizer.step(w, regression.objective(), 0.1, state)
    np.testing.assert_allclose(state["velocity"], expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_w_is_kept(dtype):
    w = np.ones(3, dtype=dtype)
    optimizer, gradient = SGD(momentum=0.9, weight_decay=0.1), np.ones(3, dtype=dtype)
    state = optimizer.start(w)
    optimizer.decay(w, gradient, 0.1, [slice(0, 3)])
    optimizer.move(w, gradient, 0.1, state)
    assert w.dtype == state["velocity"].dtype == dtype
