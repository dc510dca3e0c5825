"""The gradient checker finds what is broken, passes what is right, and counts what it skips."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnntrain.errors import UsageError
from cnntrain.nn.inspect.gradcheck import TOLERANCE, WORST, check_gradients
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax


@pytest.fixture
def checked(tiny_data, random_parameters):
    """checked(network, **settings): {name: report} on random data."""

    def check(network, count=8, **settings):
        x, y = tiny_data(count)
        return {
            r.name: r
            for r in check_gradients(network, random_parameters(network), x, y, **settings)
        }

    return check


def with_layer(make_network, place, layer, **settings):
    """The tiny network with the layer at `place` exchanged."""
    layers = [
        Conv(filters=3, kernel=3, padding="same"),
        ReLU(),
        MaxPool(window=2),
        Flatten(),
        Dense(units=3),
        Softmax(),
    ]
    layers[place] = layer
    return make_network(layers, (6, 6, 2), 3, **settings)


# Right gradients -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["cross_entropy", "quadratic"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_gradients_pass(loss, dtype, make_network, checked):
    reports = checked(with_layer(make_network, 1, ReLU(), loss=loss, dtype=dtype), entries="all")
    assert list(reports) == ["conv1/weight", "conv1/bias", "dense1/weight", "dense1/bias"]
    assert [r.entries for r in reports.values()] == [54, 3, 81, 3]
    for report in reports.values():
        assert report.passed
        assert report.error <= TOLERANCE / 10
        assert report.checked + report.kinks == report.entries


def test_lenet_passes_with_zero_biases_and_flat_backgrounds(lenet_layers, make_network):
    """As at the start of training: many pooling windows are tied, and none of that is a kink."""
    network = make_network(lenet_layers, (28, 28, 1), 10)
    rng = np.random.default_rng(0)
    x = np.full((4, 28, 28, 1), -0.4)
    x[:, 8:20, 8:20] = rng.normal(size=(4, 12, 12, 1))
    reports = check_gradients(network, network.initial_parameters(0), x, np.arange(4), entries=20)
    assert len(reports) == 10
    for report in reports:
        assert report.passed
        assert report.kinks <= 2


def test_overlapping_pools_and_regression_pass(make_network, checked, random_parameters):
    assert all(
        r.passed for r in checked(with_layer(make_network, 2, MaxPool(window=3, stride=1))).values()
    )
    network = make_network([Dense(units=4), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    assert all(r.passed for r in check_gradients(network, random_parameters(network), x, y))


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3])
def test_gradients_of_any_size_pass(scale, make_network, random_parameters):
    network = make_network([Dense(units=4), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    rng = np.random.default_rng(0)
    w = random_parameters(network)
    network.named_parameters(w)["dense2/weight"][...] *= scale
    x, y = rng.normal(size=(5, 3)), scale * rng.normal(size=(5, 2))
    assert all(r.passed for r in check_gradients(network, w, x, y))


# Broken gradients ----------------------------------------------------------------------------


class OneWrongEntry(Dense):
    """One entry of dl/dW is too large by a ten-thousandth, the largest one."""

    def backward(self, dy, cache, w, dw, context, need_dx=True):
        dx = super().backward(dy, cache, w, dw, context, need_dx)
        flat = dw["weight"].ravel()
        flat[np.abs(flat).argmax()] *= 1 + 1e-4
        return dx


class NoBiasGradient(Conv):
    def backward(self, dy, cache, w, dw, context, need_dx=True):
        dx = super().backward(dy, cache, w, dw, context, need_dx)
        dw["bias"][...] = 0
        return dx


class WrongInputGradient(ReLU):
    """Lets the derivative of negative inputs through."""

    def backward(self, dy, cache, w, dw, context, need_dx=True):
        return dy


class TransposedKernels(Conv):
    def backward(self, dy, cache, w, dw, context, need_dx=True):
        dx = super().backward(dy, cache, w, dw, context, need_dx)
        dw["weight"][...] = dw["weight"].swapaxes(2, 3).copy()
        return dx


class NotANumber(Dense):
    def backward(self, dy, cache, w, dw, context, need_dx=True):
        dx = super().backward(dy, cache, w, dw, context, need_dx)
        dw["bias"][1] = np.nan
        return dx


@pytest.mark.parametrize(
    ("place", "layer", "failing"),
    [
        (4, OneWrongEntry(units=3), {"dense1/weight"}),
        (0, NoBiasGradient(filters=3, kernel=3, padding="same"), {"conv1/bias"}),
        (0, TransposedKernels(filters=3, kernel=3, padding="same"), {"conv1/weight"}),
        (1, WrongInputGradient(), {"conv1/weight", "conv1/bias"}),
        (4, NotANumber(units=3), {"dense1/bias"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_broken_gradients_fail_where_they_are_broken(place, layer, failing, make_network, checked):
    reports = checked(with_layer(make_network, place, layer), entries="all")
    assert {name for name, report in reports.items() if not report.passed} == failing


def test_the_worst_entry_is_reported_with_both_derivatives(make_network, checked):
    reports = checked(with_layer(make_network, 4, OneWrongEntry(units=3)), entries="all")
    report = reports["dense1/weight"]
    worst = report.worst[0]
    assert worst.error == report.error == pytest.approx(1e-4, rel=1e-3)
    assert worst.analytic == pytest.approx(worst.numeric * (1 + 1e-4), rel=1e-7)
    assert len(worst.index) == 2 and worst.index[0] < 3 and worst.index[1] < 27
    assert len(report.worst) == WORST
    errors = [entry.error for entry in report.worst]
    assert errors == sorted(errors, reverse=True)
    assert errors[1] < TOLERANCE


def test_a_gradient_of_zero_does_not_pass_for_a_tiny_one(make_network, random_parameters):
    """Derivatives of 1e-7, which an absolute tolerance of 1e-6 would pass."""
    network = make_network([NoBiasDense(units=4), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    rng = np.random.default_rng(0)
    w = random_parameters(network)
    network.named_parameters(w)["dense2/weight"][...] *= 1e-7
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    reports = {r.name: r for r in check_gradients(network, w, x, y)}
    assert max(abs(entry.numeric) for entry in reports["dense1/bias"].worst) < 1e-6
    assert {name for name, report in reports.items() if not report.passed} == {"dense1/bias"}


class NoBiasDense(Dense):
    def backward(self, dy, cache, w, dw, context, need_dx=True):
        dx = super().backward(dy, cache, w, dw, context, need_dx)
        dw["bias"][...] = 0
        return dx


# Kinks ---------------------------------------------------------------------------------------


def test_entries_on_a_kink_are_counted_and_not_checked(make_network):
    """Inputs and biases of 0: the ReLU is at 0 whatever the weights are, but not the biases."""
    network = make_network([Dense(units=4), ReLU(), Dense(units=2), Softmax()], (3,), 2)
    w = network.initial_parameters(0)
    reports = check_gradients(network, w, np.zeros((3, 3)), np.array([0, 1, 0]))
    by_name = {report.name: report for report in reports}
    bias = by_name["dense1/bias"]
    assert (bias.entries, bias.checked, bias.kinks) == (4, 0, 4)
    assert (bias.error, bias.worst) == (0.0, ())
    assert not bias.passed, "nothing was checked"
    assert by_name["dense1/weight"].kinks == 0
    assert by_name["dense2/bias"].passed


def test_a_kink_near_by_is_avoided_by_a_smaller_step(make_network):
    network = make_network([Dense(units=1), ReLU(), Dense(units=2), Softmax()], (1,), 2)
    w = np.array([1.0, 0.0, 1.0, -1.0, 0.2, 0.1])
    y = np.array([0])
    for distance, kinks in [(1e-3, 0), (5e-6, 0), (5e-7, 0), (5e-8, 1), (0.0, 1)]:
        report = check_gradients(network, w, np.array([[distance]]), y)[1]
        assert (report.name, report.kinks) == ("dense1/bias", kinks)
        assert report.checked == 1 - kinks
        assert report.passed == (kinks == 0)


def test_a_change_of_the_largest_entry_of_a_pool_is_a_kink(make_network, random_parameters):
    layers = [
        Conv(filters=1, kernel=1, bias=False),
        MaxPool(window=(1, 2)),
        Flatten(),
        Dense(units=2),
        Softmax(),
    ]
    network = make_network(layers, (1, 2, 2), 2)
    w = random_parameters(network)
    w[:2] = 1.0, 0.0
    x = np.array([[[[1.0, 3.0], [1.0, 7.0]]]])  # tied through the first channel alone
    report = check_gradients(network, w, x, np.array([0]))[0]
    assert (report.name, report.checked, report.kinks) == ("conv1/weight", 1, 1)


def test_random_ties_are_drawn_alike_for_gradient_and_differences(make_network):
    """Equal inputs: whichever of the tied pixels is drawn, the derivative is the same number."""
    layers = [
        Conv(filters=2, kernel=1),
        MaxPool(window=2, ties="random"),
        Flatten(),
        Dense(units=3),
        Softmax(),
    ]
    network = make_network(layers, (6, 6, 2), 3)
    w, x = network.initial_parameters(1), np.ones((4, 6, 6, 2))
    for draw in [(0, 0, 0), (1, 2, 3)]:
        reports = check_gradients(network, w, x, np.array([0, 1, 2, 0]), rng_key=draw)
        assert all(r.passed and not r.kinks for r in reports)


# Entries -------------------------------------------------------------------------------------


def test_the_entries_are_drawn_by_the_seed(make_network, checked):
    network = with_layer(make_network, 4, Dense(units=3))
    first, again, other = (checked(network, entries=10, seed=s)["dense1/weight"] for s in (0, 0, 1))
    assert first == again != other
    assert first.checked + first.kinks == 10
    assert first.entries == 81


def test_arrays_smaller_than_asked_for_are_checked_whole(make_network, checked):
    reports = checked(with_layer(make_network, 4, Dense(units=3)), entries=60)
    assert [r.checked + r.kinks for r in reports.values()] == [54, 3, 60, 3]


def test_parameters_and_network_are_left_as_they_were(make_network, tiny_data, random_parameters):
    network = with_layer(make_network, 4, Dense(units=3), dtype=np.float32)
    (x, y), w = tiny_data(4), random_parameters(network)
    before = w.copy()
    check_gradients(network, w, x, y, entries=3)
    np.testing.assert_array_equal(w, before)
    assert network.dtype == np.float32


def test_batches_of_several_chunks_are_checked_as_one(make_network, checked):
    network = with_layer(make_network, 4, Dense(units=3))
    cut = dataclasses.replace(network, chunk=3)
    assert checked(network, count=20, entries=5) == checked(cut, count=20, entries=5)


@pytest.mark.parametrize("entries", [0, -3])
def test_no_entries_are_refused(entries, make_network, checked):
    with pytest.raises(UsageError) as caught:
        checked(with_layer(make_network, 4, Dense(units=3)), entries=entries)
    assert str(caught.value) == (
        f'check_gradients: entries is {entries}, expected at least 1, or "all"'
    )
