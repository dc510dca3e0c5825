"""Blocks in a config: names, overrides, and errors inside of them."""

# ruff: noqa: E501  (tables of whole messages)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cnntrain.config import dump, json_schema, load_config, parse_overrides, resolved
from cnntrain.config.messages.schema_text import alternatives
from cnntrain.config.reference import Reference
from cnntrain.config.source.yaml import read
from cnntrain.config.templates import fill
from cnntrain.errors import ConfigError
from cnntrain.experiment import build_network
from cnntrain.nn.layers import LAYERS

Write = Callable[..., str]

TEXT = """\
data: {source: digits, validation: 0.1}
layers:
  - {type: conv, filters: 4, kernel: 3}
  - type: repeat
    name: stage
    times: 2
    layers:
      - type: residual
        layers:
          - {type: conv, filters: 4, kernel: 3, padding: same}
          - relu
          - {type: conv, filters: 4, kernel: 1, name: second}
      - relu
  - type: residual
    layers: [{type: conv, filters: 6, kernel: 3, padding: same}]
    shortcut: [{type: conv, filters: 6, kernel: 1}]
  - flatten
  - {type: dense, units: 10}
  - softmax
loss: cross_entropy
batch_size: 32
epochs: 3
learning_rate: 0.1
"""


@pytest.fixture
def config(write: Write):
    """config(*overrides): the Config of TEXT."""
    return lambda *texts: load_config(write(TEXT), parse_overrides(texts))


def complaints(write: Write, old: str, new: str) -> list[str]:
    assert old in TEXT
    with pytest.raises(ConfigError) as caught:
        load_config(write(TEXT.replace(old, new, 1)))
    return list(caught.value.problems)


def test_what_is_written_comes_back(config, write: Write):
    found = config()
    stage, residual = found.layers[1:3]
    assert [layer.name for layer in stage.layers] == ["residual1", "relu1"]
    assert [layer.name for layer in stage.layers[0].layers] == ["conv1", "relu1", "second"]
    assert [layer.name for layer in residual.shortcut] == ["conv1"]
    assert (residual.name, stage.layers[0].shortcut) == ("residual1", "none")
    assert load_config(write(dump(found))) == found


def test_only_a_layer_outside_of_blocks_starts_near_the_origin(config, write: Write):
    layers = config().layers
    assert layers[4].init.word() == "gaussian"
    assert layers[1].layers[0].layers[2].init.word() == "he_normal"
    ends = TEXT.replace(
        "  - flatten\n  - {type: dense, units: 10}\n",
        "  - {type: avg_pool, window: all}\n  - flatten\n",
    )
    residual = load_config(write(ends)).layers[2]
    assert residual.layers[0].init.word() == residual.shortcut[0].init.word() == "he_normal"


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("layers.stage.residual1.conv1.kernel=5", "layers.1.layers.0.layers.0.kernel", 5),
        (
            "layers.stage.layers.0.layers.second.bias=false",
            "layers.1.layers.0.layers.2.bias",
            False,
        ),
        ("layers.stage.times=7", "layers.1.times", 7),
        ("layers.residual1.conv1.padding=2", "layers.2.layers.0.padding", 2),
        ("layers.residual1.shortcut.conv1.kernel=[1, 3]", "layers.2.shortcut.0.kernel", [1, 3]),
        ("layers.residual1.shortcut=none", "layers.2.shortcut", "none"),
        ("layers.stage.relu1.type=tanh", "layers.1.layers.1.type", "tanh"),
    ],
)
def test_overrides_reach_inside(config, override, key, value):
    found = resolved(config(override))
    for step in key.split("."):
        found = found[int(step) if step.isdigit() else step]
    assert found == value


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            "layers.stage.conv1.kernel=5",
            "no entry conv1 in layers.1.layers, expected a number or a layer's name",
        ),
        (
            "layers.residual1.conv2.kernel=5",
            "no entry conv2 in layers.2.layers, expected a number or a layer's name (did you mean conv1?)",
        ),
        (
            "layers.stage.nothing=5",
            "no entry nothing in layers.1.layers, expected a number or a layer's name",
        ),
        ("layers.stage.tims=5", "unknown key layers.1.tims (did you mean times?)"),
        (
            "layers.residual1.shortcat.0.kernel=5",
            "unknown key layers.2.shortcat (did you mean shortcut?)",
        ),
    ],
)
def test_overrides_that_lead_nowhere(config, override, said):
    with pytest.raises(ConfigError) as caught:
        config(override)
    assert said in caught.value.problems[0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("times: 2", "times: 0", "c.yaml:6:12: error: invalid layers.1.times, found 0, expected an integer >= 1"),
        ("times: 2", "times: 2.5", "c.yaml:6:12: error: invalid layers.1.times, found 2.5, expected an integer >= 1"),
        ("    times: 2\n", "", "c.yaml:4:5: error: missing key layers.1.times, expected an integer >= 1"),
        ("times: 2", "count: 2", "c.yaml:6:5: error: unknown key layers.1.count (did you mean times?)"),
        ("times: 2", "times: 9999", "c.yaml:4:5: error: layers.1 (stage): found more than 10,000 layers up to here, expected fewer (repeat them less often)"),
        ("type: repeat", "type: stack", "c.yaml:4:11: error: invalid layers.1.type, found 'stack', expected one of {TYPES} (did you mean repeat?)"),
        ("type: residual", "type: ResBlock", "c.yaml:8:15: error: invalid layers.1.layers.0.type, found 'ResBlock', expected one of {TYPES} (did you mean residual?)"),
        ("type: residual", "type: skip", "c.yaml:8:15: error: invalid layers.1.layers.0.type, found 'skip', expected one of {TYPES} (did you mean residual?)"),
        ("filters: 4, kernel: 1", "filtres: 4, kernel: 1", "c.yaml:12:26: error: unknown key layers.1.layers.0.layers.2.filtres (did you mean filters?)"),
        ("filters: 4, kernel: 1", "filters: 4, kernel: 0", "c.yaml:12:46: error: invalid layers.1.layers.0.layers.2.kernel, found 0, expected an integer >= 1 or a list [height, width] or [length]"),
        ("          - relu\n", "          - relux\n", "c.yaml:11:13: error: invalid layers.1.layers.0.layers.1, found 'relux', expected {LAYER} (did you mean relu?)"),
        ("          - relu\n", "          - softmax\n", "c.yaml:11:13: error: invalid layers.1.layers.0.layers.1 (softmax1), found softmax before the last layer, expected it as the last one only (move it to the end)"),
        ("name: second", "name: conv1", "c.yaml:12:55: error: invalid layers.1.layers.0.layers.2.name, found conv1, which is the name that layers.1.layers.0.layers.0 has by default, expected another one (or name that layer, too)"),
        ("name: second", "name: shortcut", "c.yaml:12:55: error: invalid layers.1.layers.0.layers.2.name, found shortcut, which is a key of residual, expected another name"),
        ("name: second", "init: zeros, rate: 3", "c.yaml:12:62: error: unknown key layers.1.layers.0.layers.2.rate (a key of type: dropout)"),
        ("kernel: 3, padding: same}\n          - relu", "kernel: 3, init: zeros}\n          - relu", "c.yaml:10:55: error: invalid layers.1.layers.0.layers.0.init, found zeros in a hidden layer, expected random weights (with the same ones all its units compute the same: random ones break the symmetry)"),
        ("shortcut: [{type: conv, filters: 6, kernel: 1}]", "shortcut: []", "c.yaml:16:15: error: invalid layers.2.shortcut, found an empty list, expected a list of one or more mappings or none"),
        ("shortcut: [{type: conv, filters: 6, kernel: 1}]", "shortcut: identity", "c.yaml:16:15: error: invalid layers.2.shortcut, found 'identity', expected a list of one or more mappings or none"),
        ("shortcut:", "downsample:", "c.yaml:16:5: error: unknown key layers.2.downsample (did you mean shortcut?)"),
        ("layers: [{type: conv, filters: 6, kernel: 3, padding: same}]", "layers: relu", "c.yaml:15:13: error: invalid layers.2.layers, found 'relu', expected a list of one or more mappings"),
    ],
)  # fmt: skip
def test_errors_inside_say_where(write: Write, old: str, new: str, problem: str):
    words = [
        kind.word()
        for kind in LAYERS
        if not any(field.is_required() for field in kind.model_fields.values())
    ]
    layer = f"{', '.join(words)} or a mapping with type: {alternatives(list(LAYERS.kinds))}"
    expected = problem.replace("{TYPES}", ", ".join(LAYERS.kinds)).replace("{LAYER}", layer)
    assert complaints(write, old, new) == [expected]


def test_a_shape_that_does_not_fit_is_located(write: Write):
    config = load_config(write(TEXT.replace("filters: 4, kernel: 1", "filters: 5, kernel: 1")))
    with pytest.raises(ConfigError) as caught:
        build_network(config, (8, 8, 1), 10)
    assert list(caught.value.problems) == [
        "c.yaml:8:9: error: layers.1.layers.0 (stage/1/residual1): its layers make 6x6x5 of 6x6x4, "
        "expected the shape of the input, to which that is added (add shortcut: [{type: conv, "
        "filters: 5, kernel: 1}])"
    ]


def test_blocks_too_deep(write: Write):
    block = "{type: repeat, times: 1, layers: ["
    text = TEXT.replace("  - flatten\n", f"  - {block * 21}relu{']}' * 21}\n  - flatten\n")
    with pytest.raises(ConfigError) as caught:
        load_config(write(text))
    (problem,) = caught.value.problems
    assert problem.endswith("layers.3 (repeat2): found blocks 21 deep, expected at most 20")


@pytest.mark.parametrize("depth", [30, 2000])
def test_blocks_much_too_deep_in_a_mapping(depth: int, write: Write):
    layer: Any = "relu"
    for _ in range(depth):
        layer = {"type": "repeat", "times": 1, "layers": [layer]}
    with pytest.raises(ConfigError, match="found values nested deeper than 50 levels"):
        load_config({**read(TEXT).value, "name": "deep", "layers": [layer]})


def test_the_schema_allows_what_is_allowed(write: Write):
    validator = Draft7Validator(json_schema())
    Draft7Validator.check_schema(validator.schema)
    assert list(validator.iter_errors(read(TEXT).value)) == []
    for old, new in [
        ("times: 2", "times: 0"),
        ("- relu\n", "- relux\n"),
        ("filters: 6", "filters: x"),
    ]:
        assert list(validator.iter_errors(read(TEXT.replace(old, new, 1)).value))


def test_the_reference_describes_each_kind_once():
    headings = [section.address for section in Reference().sections()]
    assert headings.count("layers.conv") == 1
    assert not [heading for heading in headings if heading.startswith("layers.residual.")]
    entries, _ = Reference().find("layers.residual.shortcut")
    assert entries[0].default == "none"


def test_names_of_runs_may_hold_what_stands_in_a_block(config):
    name = "{layers.stage.times}-{layers.stage.residual1.conv1.kernel}"
    assert fill(f"{name}-{{layers.residual1.shortcut.conv1.filters}}", config()) == "2-3-6"
