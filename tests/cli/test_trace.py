"""`cnntrain trace`: the numbers are those of training, and the screen fits."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from cnntrain.cli import trace as command
from cnntrain.config import load_config
from cnntrain.experiment import set_up
from cnntrain.resources import bundled


def traced(cnntrain, *arguments):
    result = cnntrain("trace", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_numbers_are_those_of_training(digits, cnntrain):
    found = traced(cnntrain, digits, "--samples", 2)
    dataset, network, batches = set_up(load_config(digits, {"compute": {"dtype": "float64"}}))
    first = next(batches.batches(1))[:2]
    assert f"samples {first[0]}, {first[1]} of the training part" in found["about"]
    x, y = dataset.samples(dataset.train, first).chunk(0, 2, np.float64)
    x = x.transpose(3, 1, 2, 0)
    assert [one["y"] for one in found["samples"]] == y.tolist()
    w = np.concatenate([np.float64(one["before"]) for one in found["arrays"].values()])
    risk, gradient = network.loss_and_gradient(w, x, y)
    assert found["loss"] == pytest.approx(risk, rel=1e-9)
    by_name = network.named_parameters(gradient)
    assert list(found["arrays"]) == list(by_name)
    for name, one in found["arrays"].items():
        right = by_name[name].ravel()
        np.testing.assert_allclose(one["gradient"], right, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(one["after"], one["before"] - 0.05 * np.array(one["gradient"]))


def test_a_run_goes_on_from_its_best_epoch(trained, cnntrain):
    found = traced(cnntrain, trained, "--index", "3,1")
    assert found["about"].startswith("small: one step on samples 3, 1 of the training part, at w")
    assert found["alpha"] == 0.05
    again = traced(cnntrain, trained / "checkpoints/best.safetensors", "--index", "3,1")
    assert {**again, "about": ""} == {**found, "about": ""}
    other = cnntrain("trace", trained, "--set", "layers.conv1.filters=9")
    assert (other.code, other.err.count("\n")) == (4, 1)
    assert "does not fit the network" in other.err


def test_one_layer_in_full(digits, cnntrain):
    found = traced(cnntrain, digits, "--layer", "softmax1")
    (layer,) = found["samples"][0]["layers"]
    p = np.array(layer["x"])
    np.testing.assert_allclose(layer["dx_dx"], np.diag(p) - np.outer(p, p), atol=1e-15)
    shown = cnntrain("trace", digits, "--layer", "softmax1").out
    assert "dx(k)/dx(k-1), 10 x 10\n" in shown
    large = cnntrain("trace", digits, "--layer", "conv1").out
    assert "dx(k)/dw(k), 144 x 40: too large for this screen" in large


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("more", [(), ("--samples", 2), ("--layer", "conv1")], ids=repr)
def test_the_screen_fits(digits, cnntrain, monkeypatch, width, more):
    monkeypatch.setenv("COLUMNS", str(width))
    shown = cnntrain("trace", digits, *more).out
    assert "small: one step on sample" in shown
    assert max(map(len, shown.splitlines())) <= width


def test_the_equations_stand_beside_their_numbers(digits, cnntrain):
    shown = cnntrain("trace", digits, "--alpha", 0.5).out
    for words in ["x(k) = f(k)(x(k-1), w(k))", "-log p_y", "(equation 4)", "(equation 2)"]:
        assert words in shown
    assert "w <- w - alpha dL/dw (equation 6), with alpha = 0.5" in shown


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "training takes {type: sgd, momentum: 0.9}, this is a step of plain SGD (equation 6)"),
        ({"optimizer": "adam", "gradient_clip": 1}, "training takes adam with gradient_clip 1, "),
        ({"optimizer": "sgd"}, ""),
    ],
    ids=str,
)
def test_a_step_of_training_that_is_another_is_named(digits, cnntrain, settings, said):
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    about = traced(cnntrain, digits, *options)["about"]
    assert said in about
    assert ("training takes" in about) == bool(said)


def test_classes_are_named(tmp_path, cnntrain, monkeypatch):
    monkeypatch.chdir(tmp_path)
    toy = bundled("configs") / "toy2d.yaml"
    shown = cnntrain("trace", toy, "--index", 0).out
    assert re.search(r"y +(0 \(circle 1\)|1 \(circle 2\)), p_y = 0", shown)
    assert re.search(r"the answer is [01] \(circle [12]\), p = 0", shown)
    assert cnntrain("trace", toy, "--html", "t.html").code == 0
    assert "(circle " in Path("t.html").read_text()


def test_a_regression_is_traced(tmp_path, cnntrain, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("x.npz", x_train=rng.normal(size=(9, 3)), y_train=rng.normal(size=(9, 2)))
    (tmp_path / "c.yaml").write_text(
        "data: {source: npz, path: x.npz}\nlayers: [{type: dense, units: 2}]\n"
        "loss: quadratic\nbatch_size: 4\nepochs: 1\nlearning_rate: 0.01\n"
    )
    shown = cnntrain("trace", "c.yaml")
    assert (shown.code, shown.err) == (0, "")
    assert "l(y, y') = ||y - y'||^2" in shown.out
    assert cnntrain("trace", "c.yaml", "--html", "t.html").code == 0


def test_a_network_without_parameters_stays_as_it_is(tmp_path, cnntrain, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", x_train=np.eye(4), y_train=np.arange(4))
    (tmp_path / "c.yaml").write_text(
        "data: {source: npz, path: x.npz}\nlayers: [softmax]\n"
        "loss: cross_entropy\nbatch_size: 4\nepochs: 1\nlearning_rate: 0.01\n"
    )
    for more in ([], ["--json"], ["--html", "t.html"], ["--layer", "softmax1"]):
        result = cnntrain("trace", "c.yaml", *more)
        assert (result.code, result.err) == (0, "")


def test_what_takes_long_is_said_first(digits, cnntrain, monkeypatch):
    monkeypatch.setattr(command, "LONG", 0.0)
    result = cnntrain("trace", digits)
    assert result.code == 0
    assert result.err.startswith("this takes about ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--index", "x"], "expected at most 100 numbers of samples such as 0,7"),
        (["--index", "-1"], "expected at most 100 numbers of samples such as 0,7"),
        (["--index", "99999"], "--index: found 99,999, expected numbers below "),
        (["--index", "1", "--samples", 2], "cannot be combined with"),
        (["--samples", 0], "is not in the range"),
        (["--alpha", 0], "is not in the range"),
        (["--alpha", "nan"], "is not in the range"),
        (["--layer", "conv2"], "--layer: no layer 'conv2' (did you mean conv1?)"),
        (
            ["--set", "layers.conv1.filters=900"],
            "expected at most 30,000,000 in all (reduce layers.conv1.filters)",
        ),
        (["--set", "loss={type: cross_entropy, class_weights: balanced}"], "no class_weights"),
    ],
)
def test_bad_values_are_errors_of_one_line(digits, cnntrain, arguments, message):
    result = cnntrain("trace", digits, *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err


def test_the_page_is_new_unless_forced(digits, cnntrain, tmp_path):
    page = tmp_path / "t.html"
    assert cnntrain("trace", digits, "--html", page).out == f"{page}\n"
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert cnntrain("trace", digits, "--html", page).code == 2
    assert cnntrain("trace", digits, "--html", page, "--force").code == 0
