"""Data and network are brought together before anything is trained."""

import math
import re
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pytest

import cnntrain
from cnntrain.experiment import set_up
from cnntrain.nn.layers import LAYERS, Layer

CONFIGS = Path(__file__).parent.parent / "configs"

X = np.random.default_rng(0).normal(size=(60, 4, 4))
Y = np.arange(60) % 3


@pytest.fixture
def says(digits, cnntrain):
    """`says(y, ...)`: exit code and message of a command, for a network on targets `y`."""

    def run(y, loss="cross_entropy", units=3, softmax=True, command="describe", more=()):
        np.savez("good.npz", x=X, y=y)
        last = "  - {type: softmax}\n" if softmax else ""
        digits.write_text(
            "data: {source: npz, path: good.npz}\n"
            f"layers:\n  - {{type: flatten}}\n  - {{type: dense, units: {units}}}\n{last}"
            f"loss: {loss}\nbatch_size: 16\nepochs: 1\nlearning_rate: 0.01\n"
        )
        result = cnntrain(command, digits.name, *more)
        assert result.code == 0 or len(result.err.splitlines()) == 1
        return result.code, result.err.removeprefix("cnntrain: error: ").rstrip()

    return run


def changed(index, value):
    """The labels with one replaced."""
    y = Y.copy()
    y[index] = value
    return y


@pytest.mark.parametrize(
    "command", ["fit", "describe", "trace", "check-gradients", "schedule", "bench"]
)
def test_real_numbers_are_no_classes(says, command):
    needs = "y holds real numbers, cross_entropy needs whole-number labels"
    for y, advice, entries in [
        (Y.astype(float), "store y.astype(int); ", 1),
        (Y.astype(float)[:, None], "store y.astype(int); ", 1),
        (np.eye(3)[Y], "the rows are one-hot: store y.argmax(axis=1); ", 3),
        (np.eye(3)[Y] / 2, "", 3),
        (Y / 2, "", 1),
    ]:
        regression = "for a regression set loss: quadratic and end with {type: dense, units: "
        assert says(y, command=command) == (3, f"{needs} ({advice}{regression}{entries}}})")


@pytest.mark.parametrize("y", [Y / 2, np.eye(3)[Y], Y.astype(float)[:, None]])
def test_what_is_advised_on_real_numbers_can_be_done(says, y):
    _, message = says(y)
    units = int(re.search(r"units: (\d+)", message)[1])
    assert says(y, loss="quadratic", units=units, softmax=False) == (0, "")
    if stored := re.search(r"store (y\S+);", message):
        assert says(eval(stored[1], {"y": y})) == (0, "")


@pytest.mark.parametrize(
    ("y", "label", "hint"),
    [
        (Y + 1, "2 is 3", "labels seem to run from 1 to 3: subtract 1"),
        (
            changed(7, 200),
            "7 is 200",
            "correct it, or train with more units in the last dense layer",
        ),
        (changed(7, -1), "7 is -1", "classes count from 0"),
    ],
)
def test_labels_without_names_are_bounded_by_the_network(says, y, label, hint):
    code, message = says(y)
    assert code == 3
    assert message == f"training label {label}, the network's 3 outputs allow 0 to 2 ({hint})"


def test_fewer_classes_than_outputs_are_located_at_the_units(says):
    assert says(Y, units=4) == (
        2,
        "small.yaml:4:26: error: layers.1 (dense1) leads to 4 outputs but the data have 3 classes "
        "(set units: 3)",
    )


def test_what_was_set_is_named_where_it_does_not_fit(says):
    for key in ("layers.dense1.units", "layers.1.units"):
        code, message = says(Y, more=("--set", f"{key}=5"))
        assert (code, message.split(": error")[0]) == (2, f"--set {key}=5")


def test_classes_need_a_soft_max_whatever_the_loss(says):
    code, message = says(Y, loss="quadratic", softmax=False)
    assert code == 2
    assert message == (
        "small.yaml:4:5: error: invalid last layer, layers.1 (dense1), found dense, expected "
        "softmax for class labels (add {type: softmax} at the end; for a regression store y as "
        "real numbers)"
    )
    assert says(Y, loss="quadratic") == (0, "")
    assert says(np.eye(3)[Y], loss="quadratic", softmax=False) == (0, "")


class Double(Layer):
    """y = 2 x, without a directional derivative."""

    keeps_shape: ClassVar[bool] = True

    type: Literal["double"] = "double"

    def output_shape(self, shape):
        return shape

    def forward(self, x, w, context):
        return 2 * x, None

    def backward(self, dy, cache, w, dw, context, need_dx=True):
        return 2 * dy


@pytest.fixture
def doubling(digits, monkeypatch):
    """The config of `digits` with a layer that has no directional derivative."""
    monkeypatch.setattr(LAYERS, "kinds", {**LAYERS.kinds, "double": Double})
    monkeypatch.setattr(LAYERS, "_adapter", None)
    digits.write_text(
        digits.read_text().replace("- {type: flatten}", "- {type: double}\n  - {type: flatten}")
    )
    return digits


@pytest.mark.parametrize("command", ["fit", "schedule", "describe"])
def test_gauss_newton_products_need_a_directional_derivative_of_every_layer(
    doubling, cnntrain, command
):
    result = cnntrain(command, doubling, "--set", "optimizer={type: hessian_free}")
    assert result.code == 2
    assert result.err == (
        "--set optimizer={type: hessian_free}: error: hessian_free needs the "
        "directional derivative (jvp) of every layer, layers.3 (double1) has none (choose another "
        "optimizer, or define Layer.jvp)\n"
    )
    assert not (doubling.parent / "runs" / "small").exists()


def test_each_phase_is_asked_for_its_optimizer(doubling, cnntrain):
    doubling.write_text(
        doubling.read_text().replace(
            "learning_rate: 0.05\noptimizer: {type: sgd, momentum: 0.9}\n", ""
        )
        + "phases:\n"
        "  - {optimizer: {type: sgd}, learning_rate: 0.05, until: {epochs: 1}}\n"
        "  - {optimizer: {type: hessian_free}, learning_rate: 1}\n"
    )
    result = cnntrain("fit", doubling)
    assert result.code == 2
    assert "small.yaml:16:17: error: hessian_free needs the directional" in result.err


def test_optimizers_that_ask_for_gradients_alone_do_without(doubling, cnntrain):
    assert cnntrain("fit", doubling, "--quiet", "--set", "epochs=1").code == 0
    doubling.write_text(doubling.read_text().replace("- {type: double}", "- {type: relu}"))
    more = ["--set", "optimizer={type: hessian_free}", "--set", "epochs=1", "--set", "name=b"]
    assert cnntrain("fit", doubling, "--quiet", *more).code == 0


def test_a_network_starts_with_a_loss_near_ln_classes(digits):
    """All classes are about equally likely at w_0."""
    config = cnntrain.load_config(CONFIGS / "digits.yaml")
    dataset, network, _ = set_up(config)
    for seed in range(5):
        w = network.initial_parameters(seed)
        total, _ = network.measure(w, dataset.samples(dataset.train))
        assert total.risk == pytest.approx(math.log(10), abs=0.05)


@pytest.mark.parametrize(
    ("weights", "place", "message"),
    [
        ("[1, 2]", "4:44", "found 2 weights, expected one for each of 3 classes"),
        ("{a: 2, cc: 1}", "4:55", "found cc, expected names of classes: a, b, c (did you mean c?)"),
        ("{a: 0, b: 0, c: 0}", "4:44", "all samples of the training part weigh 0 (one class of "),
    ],
)
def test_class_weights_that_do_not_fit_the_data(digits, cnntrain, weights, place, message):
    np.savez("good.npz", x=X, y=Y, class_names=["a", "b", "c"])
    digits.write_text(
        "data: {source: npz, path: good.npz}\n"
        "layers: [{type: flatten}, {type: dense, units: 3}, {type: softmax}]\n"
        "batch_size: 16\n"
        f"loss: {{type: cross_entropy, class_weights: {weights}}}\n"
        "epochs: 1\nlearning_rate: 0.01\n"
    )
    for command in ("fit", "describe"):
        result = cnntrain(command, digits.name)
        assert (result.code, len(result.err.splitlines())) == (2, 1)
        assert f"{digits.name}:{place}: error: loss.class_weights: {message}" in result.err
