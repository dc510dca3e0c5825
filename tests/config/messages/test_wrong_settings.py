"""What is wrong in settings, in which words."""

# ruff: noqa: E501  (tables of whole messages)
from __future__ import annotations

import pytest

from cnntrain.data.sources import SOURCES

from .test_explain import DATA, HEAD, NAME, REST, Write, complaints

WEIGHTS = (
    "a list with a number >= 0 for each class, a mapping of names of classes to numbers >= 0, none "
    "or balanced"
)
DELTA = "a number >= 0 or a share of the best value, such as 1%, below 100%"
SHARE = "a number > 0 and < 1, an integer >= 1 or none"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("seed: -1", "7: error: invalid seed, found -1, expected an integer >= 0 and <= 2^63 - 1"),
        ("seed: 9223372036854775808", "7: error: invalid seed, found 9223372036854775808, expected an integer >= 0 and <= 2^63 - 1"),
        ("seed: true", "7: error: invalid seed, found true, expected an integer >= 0 and <= 2^63 - 1"),
        ("seed:", "6: error: invalid seed, found nothing, expected an integer >= 0 and <= 2^63 - 1"),
        ("name: ../x", f"7: error: invalid name, found '../x', expected {NAME}"),
        ("name: [a]", f"7: error: invalid name, found a list, expected {NAME}"),
        (f"name: {'x' * 101}", f"7: error: invalid name, found '{'x' * 77}...', expected {NAME}"),
        ("drop_last: 1", "12: error: invalid drop_last, found 1, expected true or false"),
        ("optimizer: {type: sgd, momentum: 1}", "34: error: invalid optimizer.momentum, found 1, expected a number >= 0 and < 1"),
        ("optimizer: {momentum: 0.9}", "12: error: missing key optimizer.type, expected one of sgd, nesterov, adam, adamw, adagrad, rmsprop, gradient_descent, hessian_free, spsa (did you mean {type: sgd, ...}?)"),
        ("optimizer: {type: SGD}", "19: error: invalid optimizer.type, found 'SGD', expected one of sgd, nesterov, adam, adamw, adagrad, rmsprop, gradient_descent, hessian_free, spsa (did you mean sgd?)"),
        ("optimizer: {type: sgd, weight_decay: 1e400}", "38: error: found a number beyond the range of float64, expected a finite number"),
        ("early_stopping:", "16: error: invalid early_stopping, found nothing, expected none or a mapping"),
        ("early_stopping: no", "17: error: invalid early_stopping, found 'no', expected none or a mapping (did you mean none?)"),
        ("early_stopping: {}", "17: error: early_stopping without a validation part, found data.validation: none, expected a fraction or a count (set data.validation or data.fold, or early_stopping: none)"),
        ("checkpoint: {keep: none}", "20: error: invalid checkpoint.keep, found 'none', expected an integer >= 1"),
        ("compute: {workers: 0}", "20: error: invalid compute.workers, found 0, expected an integer >= 1 or auto"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_problem(write: Write, line: str, message: str) -> None:
    text = f"{line}\n{HEAD}layers: [{{type: flatten}}]\n{REST}"
    assert complaints(write, text) == [f"c.yaml:1:{message}"]


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        ("{source: digits, validation: 0.0}", ["30: error: invalid data.validation, found 0.0, expected " + SHARE]),
        ("{source: digits, validation: 0}", ["30: error: invalid data.validation, found 0, expected " + SHARE]),
        ("{source: digits, validation: 1.0}", ["30: error: invalid data.validation, found 1.0, expected " + SHARE]),
        ("{source: digits, validation: true}", ["30: error: invalid data.validation, found true, expected " + SHARE]),
        ("{source: digits, test: none}", ["24: error: invalid data.test, found 'none', expected a number > 0 and < 1 or an integer >= 1"]),
        ("{source: digits, val_split: 0.1}", ["18: error: unknown key data.val_split (did you mean validation?)"]),
        ("{source: digits, fold: 5}", ["24: error: invalid data.fold, found 5, expected none or a mapping"]),
        ("{source: digits, fold: {index: 2}}", ["24: error: missing key data.fold.of, expected an integer >= 2"]),
        ("{source: digits, fold: {of: 1}}", ["29: error: invalid data.fold.of, found 1, expected an integer >= 2"]),
        ("{source: digits, fold: {of: 5.0}}", ["29: error: invalid data.fold.of, found 5.0, expected an integer >= 2"]),
        ("{source: digits, fold: {of: 5, index: -1}}", ["39: error: invalid data.fold.index, found -1, expected an integer >= 0"]),
        ("{source: digits, fold: {of: 5, index: 5}}", ["39: error: invalid data.fold.index, found 5, expected 0 to 4, as data.fold.of is 5"]),
        ("{source: digits, fold: {of: 5, k: 3}}", ["32: error: unknown key data.fold.k (did you mean of?)"]),
        ("{source: digits, validation: 0.1, fold: {of: 5}}", ["35: error: data.fold beside data.validation, expected one or the other (remove one)"]),
        ("{source: digits, group: patient}", ["18: error: data.group, but digits knows no groups (remove it)"]),
        ("{source: idx, directory: a, group: patient}", ["29: error: data.group, but idx knows no groups (remove it)"]),
        ("{source: npz, path: a, group: 3}", ["31: error: invalid data.group, found 3, expected none, or a name"]),
        ("{source: npz, path: a, group: ''}", ["31: error: invalid data.group, found '', expected none, or a name"]),
        ("{source: mnist}", [
            "1: error: missing key data.directory, expected a path (or train_images and train_labels, and test_images and test_labels if there are)",
            f"10: error: invalid data.source, found 'mnist', expected one of {', '.join(SOURCES.kinds)} (did you mean idx?)",
        ]),
        ("{}", [f"1: error: missing key data.source, expected one of {', '.join(SOURCES.kinds)}"]),
        ("digit", [f"1: error: invalid data, found 'digit', expected {DATA} (did you mean digits?)"]),
        ("npz", ["1: error: missing key data.path, expected a path"]),
        ("{source: npz}", ["1: error: missing key data.path, expected a path"]),
        ("{source: npz, path: ''}", ["21: error: invalid data.path, found '', expected a path"]),
        ('{source: npz, path: "a\\0b"}', ["21: error: invalid data.path, found 'a\\x00b', expected a path"]),
        ("{source: npz, path: a, axes: nhwc}", ["30: error: invalid data.axes, found 'nhwc', expected NHWC, NCHW, NLC or NCL (did you mean NHWC?)"]),
        ("{source: idx}", ["1: error: missing key data.directory, expected a path (or train_images and train_labels, and test_images and test_labels if there are)"]),
        ("{source: idx, directory: ~}", ["26: error: invalid data.directory, found nothing, expected a path"]),
        ("{source: idx, directory: a, test_labels: b}", ["29: error: data.test_labels beside data.directory, expected one or the other (remove one)"]),
        ("{source: idx, train_images: a}", ["1: error: missing key data.train_labels, expected a path"]),
        ("{source: idx, test_images: a}", [
            "1: error: missing key data.test_labels, expected a path",
            "1: error: missing key data.train_images, expected a path",
            "1: error: missing key data.train_labels, expected a path",
        ]),
        ("{source: idx, train_images: a, train_labels: b, test_images: c, test_labels: d, test: 5}", ["81: error: data.test beside data.test_images, expected one or the other (remove one)"]),
    ],
)  # fmt: skip
def test_wrong_data_settings(write: Write, data: str, messages: list[str]) -> None:
    text = f"data: {data}\nlayers: [{{type: flatten}}]\n{REST}"
    expected = []
    for message in messages:
        column, _, rest = message.partition(":")
        expected.append(f"c.yaml:1:{int(column) + 6}:{rest}")
    assert complaints(write, text) == expected


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("-1", "invalid learning_rate.initial, found -1, expected a number > 0"),
        ("0", "invalid learning_rate.initial, found 0, expected a number > 0"),
        ("fast", "invalid learning_rate, found 'fast', expected a number > 0, none or a mapping with schedule: constant, step, multistep, exponential, inverse, polynomial, cosine, cosine_restarts or one_cycle"),
        ("true", "invalid learning_rate, found true, expected a number > 0, none or a mapping with schedule: constant, step, multistep, exponential, inverse, polynomial, cosine, cosine_restarts or one_cycle"),
        ("{initial: 1}", "missing key learning_rate.schedule, expected one of constant, step, multistep, exponential, inverse, polynomial, cosine, cosine_restarts, one_cycle"),
        ("{schedule: step}", "missing key learning_rate.initial, expected a number > 0"),
    ],
)  # fmt: skip
def test_wrong_learning_rates(write: Write, rate: str, message: str) -> None:
    text = f"{HEAD}layers: [{{type: flatten}}]\n{REST}".replace("rate: 1", f"rate: {rate}")
    assert complaints(write, text) == [f"c.yaml:6:16: error: {message}"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("equal", "44: error: invalid loss.class_weights, found 'equal', expected " + WEIGHTS),
        ("[]", "44: error: invalid loss.class_weights, found an empty list, expected " + WEIGHTS),
        ("[1, -2]", "48: error: invalid loss.class_weights.1, found -2, expected a number >= 0"),
        ("[1, two]", "48: error: invalid loss.class_weights.1, found 'two', expected a number >= 0"),
        ("{cat: -2}", "50: error: invalid loss.class_weights.cat, found -2, expected a number >= 0"),
        ("{cat: ~}", "50: error: invalid loss.class_weights.cat, found nothing, expected a number >= 0"),
        ("{3: 1}", "45: error: found the key 3, expected text (quote it)"),
    ],
)  # fmt: skip
def test_wrong_class_weights(write: Write, weights: str, message: str) -> None:
    text = f"loss: {{type: cross_entropy, class_weights: {weights}}}\n"
    found = complaints(
        write,
        text
        + HEAD
        + "layers: [{type: flatten}, {type: dense, units: 9}, softmax]\n"
        + REST.replace("loss: quadratic\n", ""),
    )
    assert found == [f"c.yaml:1:{message}"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("metrics: [f1]", "11: error: invalid metrics.0, found 'f1', expected balanced_error, macro_f1 or top5_error"),
        ("metrics: macro_f1", "10: error: invalid metrics, found 'macro_f1', expected a list with any of balanced_error, macro_f1 and top5_error or none"),
        ("metrics: [macro_f1, macro_f1]", "21: error: duplicate metrics.1 macro_f1, first given as metrics.0"),
        ("learning_rate: {schedule: one_cycle, initial: 0.1, maximum: 1, fall: straight}", "70: error: invalid learning_rate.fall, found 'straight', expected cosine or linear"),
        ("early_stopping: {monitor: train_loss, min_delta: 100%}", f"50: error: invalid early_stopping.min_delta, found '100%', expected {DELTA}"),
        ("early_stopping: {monitor: train_loss, min_delta: some}", f"50: error: invalid early_stopping.min_delta, found 'some', expected {DELTA}"),
        ("early_stopping: {monitor: train_loss, min_delta: -1}", f"50: error: invalid early_stopping.min_delta, found -1, expected {DELTA}"),
    ],
)  # fmt: skip
def test_wrong_metrics_and_improvements(write: Write, line: str, message: str) -> None:
    rest = REST.replace("learning_rate: 1\n", "") if line.startswith("learning") else REST
    text = f"{line}\n{HEAD}layers: [{{type: flatten}}]\n{rest}"
    assert complaints(write, text) == [f"c.yaml:1:{message}"]
