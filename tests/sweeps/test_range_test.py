"""The range test: rules on curves with known answers, guards, and the command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from cnntrain.config import load_config
from cnntrain.errors import DivergedError, UsageError
from cnntrain.sweeps.range_test import Point, make_curve, read_curve


def curve(losses, low=1e-4, high=1.0):
    rates = np.geomspace(low, high, len(losses))
    return [Point(float(r), float(x), float(x)) for r, x in zip(rates, losses, strict=True)]


def test_rules_on_a_curve_with_known_answers():
    """Flat at 2 to 1e-3, down in a straight line of log rate to 1 at 1e-2, then up."""
    logs = np.linspace(-4, 0, 81)
    losses = np.interp(logs, [-4, -3, -2, 0], [2.0, 2.0, 1.0, 5.0])
    losses[logs < -3] += 1e-9 * np.arange((logs < -3).sum())  # hardly rising
    rates = read_curve(curve(losses))
    assert rates["tenth"] == pytest.approx(1e-3, rel=0.01)
    assert 1e-3 < rates["steepest"] < 1e-2
    assert rates["valley"] == pytest.approx(10**-2.5, rel=0.15)


def test_the_slope_is_that_on_the_logarithm_of_the_rate():
    """On the rate itself the first fall would be the steepest by far."""
    logs = np.linspace(-4, 0, 41)
    losses = np.interp(logs, [-4, -3, -1, -0.5, 0], [3.0, 2.7, 2.1, 1.0, 4.0])
    assert 10**-1.05 < read_curve(curve(losses))["steepest"] < 10**-0.4


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ([2.0] * 5, "blew up after 5 steps"),
        ([2.0] * 50, "is flat"),
        ([2.0 - 0.001 * k for k in range(50)], "is flat"),
        ([2.0 + 0.1 * k for k in range(50)], "rises"),
    ],
)
def test_a_curve_that_says_nothing_is_no_answer(losses, message):
    with pytest.raises(DivergedError, match=f"no usable range: the loss {message}"):
        read_curve(curve(losses))


def test_rates_grow_with_equal_ratios_and_the_mean_is_without_bias(digits):
    found = make_curve(load_config(digits), 1e-4, 1e-2, 21)
    assert [point.rate for point in found] == pytest.approx(np.geomspace(1e-4, 1e-2, 21))
    weights = 0.9 ** np.arange(21)[::-1]
    losses = [point.loss for point in found]
    assert found[-1].smoothed == pytest.approx(np.average(losses, weights=weights))
    assert found[0].smoothed == pytest.approx(found[0].loss)


def test_it_ends_where_the_loss_has_blown_up(digits):
    found = make_curve(load_config(digits), 1e-3, 1e6, 60)
    assert len(found) < 60
    assert all(math.isfinite(point.smoothed) for point in found)


def test_gradients_are_clipped_as_in_training(digits):
    plain, clipped = (
        make_curve(load_config(digits, {"gradient_clip": clip}), 1e-3, 1e6, 60)
        for clip in ("none", 1e-12)
    )
    assert len(plain) < len(clipped) == 60


def test_too_few_steps_are_refused(digits):
    with pytest.raises(UsageError, match="9 steps, expected 10 or more"):
        make_curve(load_config(digits), 1e-3, 1, 9)


def test_the_command_leaves_nothing_but_the_curve(digits, cnntrain):
    before = set(Path.cwd().rglob("*"))
    done = cnntrain("lr-sweep", digits, "--range-test", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    folder = Path.cwd() / "runs" / "small-lr-range"
    left = {path for path in set(Path.cwd().rglob("*")) - before if path.is_file()}
    assert left == {folder / "range.csv"}
    assert 1e-3 < report["suggested_rate"] < 0.5
    assert report["suggested_rate"] == report["rules"]["valley"]
    lines = (folder / "range.csv").read_text().splitlines()
    assert (lines[0], len(lines) - 1) == ("learning_rate,loss,smoothed", report["points"])
    again = cnntrain("lr-sweep", digits, "--range-test", "--set", "compute.workers=1", "--json")
    assert again.out == done.out


def test_the_command_says_what_it_found_or_that_it_found_nothing(digits, cnntrain):
    done = cnntrain("lr-sweep", digits, "--range-test", "--apply", "tuned.yaml")
    rate = load_config("tuned.yaml").learning_rate.initial
    assert f"suggested rate  {rate:g}  (valley)" in done.out
    flat = cnntrain("lr-sweep", digits, "--range-test", "--from", "1e-9", "--to", "1e-8")
    assert flat.code == 6
    assert "no usable range: the loss is flat (try a larger last one)" in flat.err
    assert flat.out.count("\n") > 2
    given = ("--range-test", "--from", "1e-9", "--to", "1e-8", "--json")
    report = json.loads(cnntrain("lr-sweep", digits, *given).out)
    assert (report["suggested_rate"], report["rules"]) == (None, {})
    assert report["problem"].startswith("no usable range: the loss is flat")
    high = cnntrain("lr-sweep", digits, "--range-test", "--from", "1e3", "--to", "1e6")
    assert high.code == 6
    assert "(begin with a smaller rate)" in high.err
    assert cnntrain("lr-sweep", digits, "--range-test", "--from", "1", "--to", "0.1").code == 2
