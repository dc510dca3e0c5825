"""What is wrong in layers, in which words."""

# ruff: noqa: E501  (tables of whole messages)
from __future__ import annotations

import pytest

from .test_explain import HEAD, LAYER, REST, TYPES, Write, complaints

LAYER_NAME = "a name of letters, digits, _ and -, a letter first, at most 100 in all"
SIZE = "an integer >= 1, a list [height, width] or [length] or all"


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
