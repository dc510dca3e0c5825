"""Bad configs: all that is wrong, where, and in which words."""

# ruff: noqa: E501  (tables of whole messages)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnntrain.config import Config, load_config
from cnntrain.config.messages.schema_text import alternatives
from cnntrain.config.source.writer import to_yaml
from cnntrain.config.source.yaml import read
from cnntrain.data.sources import SOURCES
from cnntrain.errors import CnntrainError, ConfigError
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.optim.methods import OPTIMIZERS

Write = Callable[..., str]

REST = """\
loss: quadratic
batch_size: 1
epochs: 1
learning_rate: 1
"""
WEIGHTS = (
    "a list with a number >= 0 for each class, a mapping of names of classes to numbers >= 0, none "
    "or balanced"
)
DELTA = "a number >= 0 or a share of the best value, such as 1%, below 100%"
HEAD = "data: {source: digits}\n"
NAME = "a name of letters, digits, . _ and -, a letter or digit first, at most 100 in all"
LAYER_NAME = "a name of letters, digits, _ and -, a letter first, at most 100 in all"
LOSS = "cross_entropy, quadratic or a mapping with one of these as type"
SIZE = "an integer >= 1, a list [height, width] or [length] or all"
SHARE = "a number > 0 and < 1, an integer >= 1 or none"
WORDS = [
    kind.word() for kind in LAYERS if not any(f.is_required() for f in kind.model_fields.values())
]
LAYER = f"{', '.join(WORDS)} or a mapping with type: {alternatives(list(LAYERS.kinds))}"
DATA = f"digits, toy2d or a mapping with source: {alternatives(list(SOURCES.kinds))}"
TYPES = f"one of {', '.join(LAYERS.kinds)}"


def complaints(write: Write, text: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write(text))
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def test_everything_wrong_in_a_file_is_reported_in_one_run(write: Write) -> None:
    text = """\
name: -x
sed: 3
data:
  source: didgits
  validation: 1.5
layers:
  - {type: conv, filtres: 6, kernel: [3, 0]}
  - {type: Linear, out_features: 10}
  - relux
  - {type: conv, kernel_size: 5, num_filters: 3, in_channels: 3, activation: relu}
  - {filters: 3}
  - {type: dense, units: 10.0, bias: no, init: {type: gaussian}}
loss: mse
epochs: 1e3
epochs: 4
optimizer: Adam
lr: 1e-3
early_stopping: {patience: 0, monitor: val_loss}
compute: {workers: *a, dtype: float16}
patience: 3
"""
    assert complaints(write, text) == [
        "c.yaml:1:1: error: missing key batch_size, expected an integer >= 1 or full",
        f"c.yaml:1:7: error: invalid name, found '-x', expected {NAME}",
        "c.yaml:2:1: error: unknown key sed (did you mean seed?)",
        "c.yaml:4:11: error: invalid data.source, found 'didgits', expected one of "
        f"{', '.join(SOURCES.kinds)} (did you mean digits?)",
        "c.yaml:5:15: error: invalid data.validation, found 1.5, expected a number > 0 and < 1, an "
        "integer >= 1 or none",
        "c.yaml:7:18: error: unknown key layers.0.filtres (did you mean filters?)",
        "c.yaml:7:42: error: invalid layers.0.kernel.1, found 0, expected an integer >= 1",
        f"c.yaml:8:12: error: invalid layers.1.type, found 'Linear', expected {TYPES} "
        "(did you mean dense?)",
        "c.yaml:8:20: error: unknown key layers.1.out_features (did you mean units?)",
        f"c.yaml:9:5: error: invalid layers.2, found 'relux', expected {LAYER} (did you mean relu?)",
        "c.yaml:10:18: error: unknown key layers.3.kernel_size (did you mean kernel?)",
        "c.yaml:10:34: error: unknown key layers.3.num_filters (did you mean filters?)",
        "c.yaml:10:50: error: unknown key layers.3.in_channels (not needed: computed from the "
        "input)",
        "c.yaml:10:66: error: unknown key layers.3.activation (a layer of its own: {type: relu})",
        f"c.yaml:11:5: error: missing key layers.4.type, expected {TYPES}",
        "c.yaml:12:26: error: invalid layers.5.units, found 10.0, expected an integer >= 1",
        "c.yaml:12:38: error: invalid layers.5.bias, found 'no', expected true or false",
        "c.yaml:12:48: error: missing key layers.5.init.std, expected a number > 0",
        f"c.yaml:13:7: error: invalid loss, found 'mse', expected {LOSS} (did you mean quadratic?)",
        "c.yaml:14:9: error: invalid epochs, found 1000.0, expected an integer >= 1",
        "c.yaml:15:1: error: duplicate key 'epochs', first given on line 14",
        "c.yaml:16:12: error: invalid optimizer, found 'Adam', expected none, sgd, nesterov, adam, adamw, adagrad, rmsprop, gradient_descent, hessian_free, spsa or a mapping with one of these as type (did you mean adam?)",
        "c.yaml:17:1: error: unknown key lr (did you mean learning_rate?)",
        "c.yaml:18:28: error: invalid early_stopping.patience, found 0, expected an integer >= 1",
        "c.yaml:18:40: error: invalid early_stopping.monitor, found 'val_loss', expected "
        "train_loss, train_error, validation_loss, validation_error, train_risk, train_zero_one, "
        "balanced_error, macro_f1, top5_error, average_validation_loss or average_validation_error "
        "(did you mean validation_loss?)",
        "c.yaml:19:20: error: aliases (*a) are not allowed (write the value out)",
        "c.yaml:19:31: error: invalid compute.dtype, found 'float16', expected float32 or float64",
        "c.yaml:20:1: error: unknown key patience (a key of early_stopping, convergence or "
        "learning_rate.on_plateau)",
    ]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("{type: relu, derivative_at_zero: 0.7}", "34: error: invalid layers.0.derivative_at_zero, found 0.7, expected 0, 0.5 or 1"),
        ("{type: relu, derivative_at_zero: true}", "34: error: invalid layers.0.derivative_at_zero, found true, expected 0, 0.5 or 1"),
        ("{type: relu, name: 9a}", f"20: error: invalid layers.0.name, found '9a', expected {LAYER_NAME}"),
        ("{type: relu, name: ~}", f"20: error: invalid layers.0.name, found nothing, expected {LAYER_NAME}"),
        ("{type: relu, foo: 1}", "14: error: unknown key layers.0.foo, expected one of type, derivative_at_zero, radius, name"),
        ("{type: [relu]}", f"8: error: invalid layers.0.type, found a list, expected {TYPES}"),
        ("maxpool", f"1: error: invalid layers.0, found 'maxpool', expected {LAYER} (did you mean {{type: max_pool, ...}}?)"),
        ("{dense: 3}", f"1: error: missing key layers.0.type, expected {TYPES} (did you mean {{type: dense, ...}}?)"),
        ("{kind: relu}", f"1: error: missing key layers.0.type, expected {TYPES} (is it kind?)"),
        ("{type: max_pool, window: [1, 2, 3]}", f"26: error: invalid layers.0.window, found a list, expected {SIZE}"),
        ("{type: max_pool, window: []}", f"26: error: invalid layers.0.window, found an empty list, expected {SIZE}"),
        ("{type: max_pool, window: {a: 1}}", f"26: error: invalid layers.0.window, found a mapping, expected {SIZE}"),
        ("{type: max_pool, window: '2'}", f"26: error: invalid layers.0.window, found '2', expected {SIZE}"),
        ("{type: max_pool, window: 1_000}", f"26: error: invalid layers.0.window, found '1_000', expected {SIZE}"),
        ("{type: max_pool, window: ~}", f"26: error: invalid layers.0.window, found nothing, expected {SIZE}"),
        ("{type: max_pool, window: 2, ties: last}", "35: error: invalid layers.0.ties, found 'last', expected random, first or split"),
        ("{type: max_pool, pool_size: 2}", "18: error: unknown key layers.0.pool_size (did you mean window?)"),
        ("{type: max_pool, kernel_size: 2}", "18: error: unknown key layers.0.kernel_size (did you mean window?)"),
        ("{type: dense, units: true}", "22: error: invalid layers.0.units, found true, expected an integer >= 1"),
        ("{type: dense, units: 1000000001}", "22: error: invalid layers.0.units, found 1000000001, expected an integer >= 1 and <= 1000000000"),
        ("{type: dense, units: 1, init: {type: constant, value: true}}", "55: error: invalid layers.0.init.value, found true, expected a number"),
        ("{type: dense, units: 1, init: {std: 1}}", "31: error: missing key layers.0.init.type, expected one of he_normal, glorot_uniform, zeros, gaussian, constant"),
        ("{type: dense, units: 1, init: {type: he_normal, std: 1}}", "49: error: unknown key layers.0.init.std (a key of type: gaussian)"),
        ("{type: dense, units: 1, init: gaussian}", "31: error: missing key layers.0.init.std, expected a number > 0"),  # noqa: E501
        ("{type: dense, units: 1, init: xavier}", "31: error: invalid layers.0.init, found 'xavier', expected he_normal, glorot_uniform, zeros or a mapping with type: gaussian or constant (did you mean glorot_uniform?)"),
        ("{type: conv, filters: 1, kernel: 1, padding: [1, 2, 3, -1]}", "56: error: invalid layers.0.padding.3, found -1, expected an integer >= 0"),
        ("{type: conv, filters: 1, kernel: 1, padding: [1, 2]}", "46: error: invalid layers.0.padding, found a list, expected an integer >= 0, a list [top, bottom, left, right], valid or same"),
        ("{type: conv, <conv>: 1, filters: 1, kernel: 1}", "14: error: unknown key layers.0.<conv>, expected one of type, filters, kernel, stride, padding, dilation, groups, bias, init, name, rate_factor"),
        ('{type: "a\\e[2Jb"}', f"8: error: invalid layers.0.type, found 'a\\x1b[2Jb', expected {TYPES}"),
    ],
)  # fmt: skip
def test_a_wrong_layer_is_one_problem(write: Write, layer: str, message: str) -> None:
    text = f"{HEAD}layers:\n- {layer}\n{REST}"
    column, _, rest = message.partition(":")
    assert complaints(write, text) == [f"c.yaml:3:{int(column) + 2}:{rest}"]


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
    ("layers", "messages"),
    [
        ("[{type: dense, units: 2}]", ["2:10: error: invalid last layer, layers.0 (dense1), found dense, expected softmax for loss cross_entropy (add {type: softmax} at the end)"]),
        ("[{type: relu, name: r}]", ["2:10: error: invalid last layer, layers.0 (r), found relu, expected softmax for loss cross_entropy (add {type: softmax} at the end)"]),
        ("[{type: softmax}, {type: softmax}]", ["2:17: error: invalid layers.0 (softmax1), found softmax before the last layer, expected it as the last one only (move it to the end)"]),
        ("[]", ["2:9: error: invalid layers, found an empty list, expected a list of one or more mappings"]),
        ("{type: softmax}", ["2:9: error: invalid layers, found a mapping, expected a list of one or more mappings"]),
        ("[{type: relu, name: a}, {type: softmax, name: a}]", ["2:55: error: duplicate layers.1.name a, first given to layers.0, expected another name"]),
        ("[{type: relu, name: softmax1}, {type: softmax}]", ["2:29: error: invalid layers.0.name, found softmax1, which is the name that layers.1 has by default, expected another one (or name that layer, too)"]),
        ("[{type: relu}, {type: softmax, name: relu1}]", ["2:46: error: invalid layers.1.name, found relu1, which is the name that layers.0 has by default, expected another one (or name that layer, too)"]),
    ],
)  # fmt: skip
def test_layers_that_do_not_fit_the_loss_or_each_other(
    write: Write, layers: str, messages: list[str]
) -> None:
    text = f"{HEAD}layers: {layers}\n{REST}".replace("quadratic", "cross_entropy")
    assert complaints(write, text) == [f"c.yaml:{message}" for message in messages]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_called_so(write: Write, text: str) -> None:
    empty = "c.yaml:1:1: error: the config is empty (cnntrain init prints configs to start from)"
    assert complaints(write, text) == [empty]


def test_a_mapping_without_keys_lacks_the_required_ones(write: Write) -> None:
    text = "{}\n"
    start = "c.yaml:1:1: error: missing key"
    assert complaints(write, text) == [
        f"{start} batch_size, expected an integer >= 1 or full",
        f"{start} data, expected {DATA}",
        f"{start} epochs, expected an integer >= 1",
        f"{start} layers, expected a list of one or more mappings",
        f"{start} learning_rate, expected a number > 0, none or a mapping with schedule: constant, step, multistep, exponential, inverse, polynomial, cosine, cosine_restarts or one_cycle",
        f"{start} loss, expected {LOSS}",
    ]


@pytest.mark.parametrize(("text", "found"), [("3", "3"), ("[a]", "a list"), ("hello", "'hello'")])
def test_a_file_that_is_no_mapping(write: Write, text: str, found: str) -> None:
    assert complaints(write, text) == [
        f"c.yaml:1:1: error: invalid config, found {found}, expected a mapping"
    ]


def test_problems_of_the_yaml_text_come_with_the_others_but_cause_no_more(write: Write) -> None:
    text = f"{HEAD}layers: [*a, {{type: *b}}, {{type: dense, units: .nan}}]\n{REST}seed: x\n"
    assert complaints(write, text) == [
        "c.yaml:2:10: error: aliases (*a) are not allowed (write the value out)",
        "c.yaml:2:21: error: aliases (*b) are not allowed (write the value out)",
        "c.yaml:2:47: error: found .nan, expected a finite number",
        "c.yaml:7:7: error: invalid seed, found 'x', expected an integer >= 0 and <= 2^63 - 1",
    ]


def test_a_syntax_error_is_the_only_problem(write: Write) -> None:
    (line,) = complaints(write, "epochs: -1\nlayers: [\n")
    assert line.startswith("c.yaml:3:1: error: not YAML: ")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no.yaml", "no.yaml: error: no such file (cnntrain init prints configs to start from)"),
        ("folder", "folder: error: cannot read it: it is a directory, expected a file"),
        ("a\0b", "a\\x00b: error: no such file (cnntrain init prints configs to start from)"),
        ("\x1b[2J.yaml", "\\x1b[2J.yaml: error: no such file (cnntrain init prints configs to "
         "start from)"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_line(write: Write, name: str, message: str) -> None:
    write("", "folder/x")
    with pytest.raises(ConfigError) as caught:
        load_config(name)
    assert str(caught.value) == message


GOOD_VALUES = {
    "name": "x",
    "data": {"source": "digits", "validation": 0.1},
    "layers": [
        {"type": "conv", "filters": 1, "kernel": [1, 2], "init": {"type": "gaussian", "std": 1}},
        {"type": "max_pool", "window": 2},
        {"type": "softmax"},
    ],
    "loss": "cross_entropy",
    "batch_size": 1,
    "epochs": 1,
    "learning_rate": {"schedule": "step", "initial": 0.1},
    "early_stopping": {"patience": 3},
}
words = st.sampled_from(
    [
        "type",
        "conv",
        "none",
        "full",
        "auto",
        "source",
        "data",
        "",
        "<conv>",
        "<list>",
        "initial",
        "0",
    ]
)
junk = st.recursive(
    words | st.integers(-2, 2) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
    | st.none() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_config_with_one_part_replaced_by_junk_loads_or_is_explained(
    write: Write, data: st.DataObject
) -> None:
    values = read(to_yaml(GOOD_VALUES)).value
    node, step = values, data.draw(st.sampled_from(sorted(values)))
    while isinstance(node[step], dict | list) and node[step] and data.draw(st.booleans()):
        node = node[step]
        step = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else [0, -1]))
    if isinstance(node, dict) and data.draw(st.booleans()):
        step = data.draw(words)
    node[step] = data.draw(junk)
    try:
        load_config(write(to_yaml(values)))
    except ConfigError as error:
        assert all(line.startswith("c.yaml:") for line in error.problems)
        assert all(line.isprintable() for line in error.problems)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.text(alphabet="layers:-[]{}, \n0type") | st.binary())
def test_any_text_is_explained(write: Write, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    with pytest.raises(CnntrainError):
        load_config(write(data))


@pytest.mark.parametrize(
    ("layer", "messages"),
    [
        (
            "{type: conv2d, kernel_size: 3}",
            [
                "found 'conv2d'",
                "missing key layers.0.filters",
                "unknown key layers.0.kernel_size (did you mean kernel?)",
            ],
        ),
        (
            "{kind: Linear, out_features: 2, init: {type: normal, sigma: -1}}",
            [
                "missing key layers.0.type",
                "unknown key layers.0.out_features (did you mean units?)",
                "found 'normal'",
                "unknown key layers.0.init.sigma (did you mean std?)",
            ],
        ),
        ("{name: dense, unit: 3}", ["(is it name?)", "(did you mean units?)"]),
        ("{type: global_pool, kernel_size: 3}", ["found 'global_pool'"]),
        ("{type: softmx, axis: 1}", ["found 'softmx'", "unknown key layers.0.axis"]),
    ],
)
def test_the_other_keys_are_checked_against_the_kind_that_was_meant(
    write: Write, layer: str, messages: list[str]
) -> None:
    found = complaints(write, f"{HEAD}layers:\n- {layer}\n{REST}")
    assert len(found) == len(messages)
    for message in messages:
        assert any(message in line for line in found), (message, found)


def test_a_plain_word_means_a_kind_with_its_defaults() -> None:
    wordy: dict[str, Any] = {
        "data": "digits",
        "layers": ["flatten", {"type": "dense", "units": 10, "init": "zeros"}, "relu", "softmax"],
        "loss": "cross_entropy",
        "optimizer": "adam",
        "batch_size": 1,
        "epochs": 1,
        "learning_rate": 1,
    }

    def config(**values: Any) -> Config:
        return load_config({**wordy, **values})

    assert config() == config(
        data={"source": "digits"},
        layers=[
            {"type": "flatten"},
            {"type": "dense", "units": 10, "init": {"type": "zeros"}},
            {"type": "relu"},
            {"type": "softmax"},
        ],
        loss={"type": "cross_entropy"},
        optimizer={"type": "adam"},
    )
    for family in (OPTIMIZERS, LOSSES):
        key = "loss" if family is LOSSES else "optimizer"
        for word in family.kinds:
            assert config(**{key: word}) == config(**{key: {"type": word}})
    phases = [{"optimizer": "adam", "learning_rate": 1}]
    assert config(phases=phases) == config(phases=[{**phases[0], "optimizer": {"type": "adam"}}])


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
