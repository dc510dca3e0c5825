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
HEAD = "data: {source: digits}\n"
NAME = "a name of letters, digits, . _ and -, a letter or digit first, at most 100 in all"
LOSS = "cross_entropy, quadratic or a mapping with one of these as type"
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


def test_a_comma_in_a_number(write: Write) -> None:
    """A decimal comma is seen where a number may stand, and there alone."""
    rates = REST.replace("learning_rate: 1", "learning_rate: 0,05")
    text = f"{HEAD}layers: [{{type: conv, filters: 2, kernel: '3,3'}}]\n{rates}"
    kernel, rate = complaints(write, text)
    assert kernel.endswith(
        "found '3,3', expected an integer >= 1 or a list [height, width] or [length]"
    )
    assert rate.startswith(
        "c.yaml:6:16: error: invalid learning_rate, found '0,05', expected a number"
    )
    assert rate.endswith("(did you mean 0.05?)")


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
