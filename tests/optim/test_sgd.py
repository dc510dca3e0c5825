"""SGD against its definition, written out step by step."""

import numpy as np
import pytest

from cnntrain.optim import SGD


def steps(optimizer, gradients, w, rates):
    w, state = w.copy(), optimizer.start(w)
    for gradient, rate in zip(gradients, rates, strict=True):
        optimizer.move(w, gradient.copy(), rate, state)
    return w, state


def gradients(count=5, size=4):
    return [np.sin(np.arange(size) + 10.0 * t) for t in range(count)]


def test_without_momentum_a_step_is_equation_6():
    w = np.array([1.0, 2.0, 3.0, 4.0])
    found, state = steps(SGD(None, momentum=0.0), gradients(1), w, [0.1])
    np.testing.assert_allclose(found, w - 0.1 * np.sin(np.arange(4)), rtol=1e-15)
    assert state == {}


def test_momentum_adds_old_gradients_outside_the_rate():
    w, rates = np.zeros(4), [0.1, 0.2, 0.3, 0.01, 0.5]
    expected, velocity = w.copy(), np.zeros(4)
    for g, rate in zip(gradients(), rates, strict=True):
        velocity = 0.9 * velocity + g
        expected = expected - rate * velocity
    found, state = steps(SGD(None, momentum=0.9), gradients(), w, rates)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(state["velocity"], velocity, rtol=1e-14)


def test_a_new_rate_acts_at_once_on_the_old_velocity():
    optimizer, w = SGD(None, momentum=0.5), np.zeros(1)
    state = optimizer.start(w)
    optimizer.move(w, np.ones(1), 1.0, state)  # v = 1, w = -1
    optimizer.move(w, np.zeros(1), 0.1, state)  # v = 0.5, w = -1 - 0.1 * 0.5
    assert w[0] == pytest.approx(-1.05)


def test_weight_decay_adds_lambda_w_entry_by_entry():
    w = np.array([1.0, -2.0])
    optimizer = SGD(np.array([0.5, 0.0]), momentum=0.0)
    optimizer.move(w, np.zeros(2), 0.1, optimizer.start(w))
    np.testing.assert_allclose(w, [1 - 0.1 * 0.5 * 1, -2.0])


def test_weight_decay_enters_the_velocity():
    w = np.array([1.0])
    optimizer = SGD(np.array([0.5]), momentum=0.9)
    state = optimizer.start(w)
    optimizer.move(w, np.zeros(1), 0.1, state)
    assert state["velocity"][0] == pytest.approx(0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_w_is_kept(dtype):
    w = np.ones(3, dtype=dtype)
    optimizer = SGD(np.full(3, 0.1, dtype=dtype), momentum=0.9)
    state = optimizer.start(w)
    optimizer.move(w, np.ones(3, dtype=dtype), 0.1, state)
    assert w.dtype == state["velocity"].dtype == dtype
