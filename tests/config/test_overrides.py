"""--set KEY=VALUE, and overrides in Python."""

# ruff: noqa: E501  (tables of whole messages)
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cnntrain.config import load_config, override, parse_overrides, resolved
from cnntrain.config.messages.explain import value_at
from cnntrain.config.schema import Config
from cnntrain.errors import ConfigError

KEYS = ", ".join(Config.model_fields)

Write = Callable[..., str]


def settings(write: Write, *texts: str) -> dict[str, Any]:
    return resolved(load_config(write(), parse_overrides(texts)))


def complaints(write: Write, texts: Sequence[str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write(), parse_overrides(texts))
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("texts", "path", "value"),
    [
        (["batch_size=1"], ("batch_size",), 1),
        (["batch_size=full"], ("batch_size",), "full"),
        (["data={source: npz, path: /a=b}"], ("data", "path"), "/a=b"),
        (["layers.0.filters=12"], ("layers", 0, "filters"), 12),
        (["layers.conv1.filters=12"], ("layers", 0, "filters"), 12),
        (["layers.second.filters=12"], ("layers", 3, "filters"), 12),
        (["layers.second.kernel=[1, 2]"], ("layers", 3, "kernel"), [1, 2]),
        (["layers.second.kernel.1=2"], ("layers", 3, "kernel"), [3, 2]),
        (["layers.dense1.init={type: gaussian, std: 0.01}"], ("layers", 5, "init", "std"), 0.01),
        (["learning_rate=1e-3"], ("learning_rate", "initial"), 0.001),
        (["learning_rate.initial=0.5"], ("learning_rate", "initial"), 0.5),
        (["learning_rate=1", "learning_rate.initial=2"], ("learning_rate", "initial"), 2.0),
        (["learning_rate.initial=2", "learning_rate=1"], ("learning_rate", "initial"), 1.0),
        (["optimizer.momentum=0.9"], ("optimizer", "momentum"), 0.9),
        (["checkpoint.keep=5"], ("checkpoint", "keep"), 5),
        (["compute.workers=2", "compute.chunk=8"], ("compute", "workers"), 2),
        (["early_stopping.patience=3"], ("early_stopping", "patience"), 3),
        (["early_stopping=none", "early_stopping.patience=3"], ("early_stopping", "patience"), 3),
        (["early_stopping.patience=3", "early_stopping=none"], ("early_stopping",), "none"),
        (["data.validation=none"], ("data", "validation"), "none"),
        (["data={source: digits, test: 9}"], ("data", "test"), 9),
        (["data={source: digits, test: 9}"], ("data", "validation"), "none"),
        (["epochs=4", "epochs=5"], ("epochs",), 5),
        (["drop_last=true"], ("drop_last",), True),
    ],
)
def test_an_override_replaces_the_value_at_its_key(
    write: Write, texts: list[str], path: tuple[str | int, ...], value: object
) -> None:
    assert value_at(settings(write, *texts), path) == value


def test_an_override_replaces_the_whole_value(write: Write) -> None:
    found = settings(write, "optimizer={type: sgd, momentum: 0.5}", "optimizer={type: sgd}")
    assert found["optimizer"]["momentum"] == 0.0


def test_required_keys_may_come_from_overrides_alone(write: Write) -> None:
    texts = [
        "data.source=digits",
        "layers=[{type: flatten}]",
        "loss=quadratic",
        "batch_size=1",
        "epochs=1",
        "learning_rate.initial=1",
    ]
    assert load_config(write(""), parse_overrides(texts)).epochs == 1


def test_an_override_mends_what_was_wrong_in_the_file(write: Write, good: str) -> None:
    broken = good.replace("epochs: 3", "epochs: [x, {y: 1}]")
    assert load_config(write(broken), {"epochs": 2}).epochs == 2


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        (["epochs=0"], ["--set epochs=0: error: invalid epochs, found 0, expected an integer >= 1"]),
        (["lr=1"], ["--set lr=1: error: unknown key lr (did you mean learning_rate?)"]),
        (["foo.bar.baz=1"], [f"--set foo.bar.baz=1: error: unknown key foo, expected one of {KEYS}"]),
        (["layers.9.x=1"], ["--set layers.9.x=1: error: no entry 9 in layers, which has 7 (0 is first)"]),
        (["layers.-1.x=1"], ["--set layers.-1.x=1: error: no entry -1 in layers, expected a number or a layer's name"]),
        (["layers.conv2.filters=1"], ["--set layers.conv2.filters=1: error: no entry conv2 in layers, expected a number or a layer's name (did you mean conv1?)"]),
        (["layers.conv1.filtres=1"], ["--set layers.conv1.filtres=1: error: unknown key layers.0.filtres (did you mean filters?)"]),
        (["epochs.x=1"], ["--set epochs.x=1: error: no key x in epochs, which is no mapping"]),
        (["layers.0.init.std=1"], ["--set layers.0.init.std=1: error: unknown key layers.0.init.std (a key of type: gaussian)"]),
        (["learning_rate=-1"], ["--set learning_rate=-1: error: invalid learning_rate.initial, found -1, expected a number > 0"]),
        (["layers.0={type: conv, filtres: 3}"], [
            "--set layers.0={type: conv, filtres: 3}: error: missing key layers.0.kernel, expected an integer >= 1 or a list [height, width] or [length]",
            "--set layers.0={type: conv, filtres: 3}: error: unknown key layers.0.filtres (did you mean filters?)",
        ]),
        (["seed=-1", "epochs=x", "batch_size=0"], [
            "--set seed=-1: error: invalid seed, found -1, expected an integer >= 0 and <= 2^63 - 1",
            "--set epochs=x: error: invalid epochs, found 'x', expected an integer >= 1",
            "--set batch_size=0: error: invalid batch_size, found 0, expected an integer >= 1 or full",
        ]),
        (["epochs=[", "seed", "=3", "x=*a"], [
            "--set epochs=[: error: not YAML: while parsing a flow node expected the node content, but found '<stream end>'",
            "--set seed: error: no key and value, expected KEY=VALUE",
            "--set =3: error: no key and value, expected KEY=VALUE",
            "--set x=*a: error: aliases (*a) are not allowed (write the value out)",
        ]),
        (["epochs="], ["--set epochs=: error: invalid epochs, found nothing, expected an integer >= 1"]),
        (["a\x1b[2J=1"], [f"--set a\\x1b[2J=1: error: unknown key a\\x1b[2J, expected one of {KEYS}"]),
    ],
)  # fmt: skip
def test_a_wrong_override_is_named(write: Write, texts: list[str], problems: list[str]) -> None:
    assert complaints(write, texts) == problems


def test_problems_of_the_file_come_before_those_of_overrides(write: Write, good: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(good.replace("epochs: 3", "epochs: x")), {"seed": -1})
    assert [line.split(" error:")[0] for line in caught.value.problems] == [
        "c.yaml:12:9:",
        "override seed=-1:",
    ]


def test_python_values_are_checked_like_those_of_a_file(write: Write) -> None:
    config = load_config(write(), {"layers.second.kernel": (1, 1), "learning_rate": 1})
    assert resolved(config)["layers"][3]["kernel"] == [1, 1]
    for wrong in (float("nan"), float("inf"), object(), None, b"1", {1: 2}):
        with pytest.raises(ConfigError, match="^override learning_rate=.*: error: "):
            load_config(write(), {"learning_rate": wrong})


def test_overrides_leave_what_they_were_given_alone(write: Write) -> None:
    data: dict[str, Any] = {"source": "npz", "path": "x"}
    load_config(write(), {"data": data, "data.path": "y"})
    assert data == {"source": "npz", "path": "x"}


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ({"optimizer": "nesterov"}, "optimizer.type=adam", {"optimizer": {"type": "adam"}}),
        (
            {"optimizer": {"type": "sgd", "momentum": 0.5, "weight_decay": 0.1}},
            "optimizer.type=adagrad",
            {"optimizer": {"type": "adagrad", "weight_decay": 0.1}},
        ),
        (
            {"learning_rate": {"schedule": "step", "initial": 1.0, "every": 3, "warm_up": 1.0}},
            "learning_rate.schedule=cosine",
            {"learning_rate": {"schedule": "cosine", "initial": 1.0, "warm_up": 1.0}},
        ),
        (
            {"data": {"source": "npz", "path": "x", "axes": "NCHW", "validation": 5}},
            "data.source=digits",
            {"data": {"source": "digits", "validation": 5}},
        ),
        ({"optimizer": "sgd"}, "optimizer.type=nesterov", {"optimizer": "nesterov"}),
        (
            {"layers": [{"type": "relu", "radius": 1.0, "name": "a"}]},
            "layers.a.type=softmax",
            {"layers": [{"type": "softmax", "name": "a"}]},
        ),
        (
            {"loss": "cross_entropy", "layers": ["softmax"]},
            "loss.type=quadratic",
            {"loss": "quadratic", "layers": ["softmax"]},
        ),
        (
            {"layers": [{"type": "dense", "units": 1, "init": {"type": "constant", "value": 0.0}}]},
            "layers.0.init.type=zeros",
            {"layers": [{"type": "dense", "units": 1, "init": "zeros"}]},
        ),
        (
            {"phases": [{"learning_rate": 1, "optimizer": {"type": "sgd", "momentum": 0.5}}]},
            "phases.0.optimizer.type=adamw",
            {"phases": [{"learning_rate": 1, "optimizer": {"type": "adamw"}}]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_kind_drops_the_keys_that_it_does_not_have(
    write: Write, before: dict[str, Any], text: str, after: dict[str, Any]
) -> None:
    """In a file, and in the config of a run, where every default is written out."""
    rest = {
        "data": "digits", "layers": [{"type": "flatten"}], "loss": "quadratic", "batch_size": 1,
        "epochs": 1, "learning_rate": 1,
    }  # fmt: skip
    expected = load_config({**rest, **after})
    changes = parse_overrides([text])
    assert load_config({**rest, **before}, changes) == expected
    assert override(load_config({**rest, **before}), changes) == expected


def test_what_an_override_has_set_contradicts_another_kind_in_any_order(write: Write) -> None:
    texts = ["optimizer.momentum=0.5", "optimizer.type=adam"]
    for order in (texts, texts[::-1]):
        assert complaints(write, order) == [
            "--set optimizer.momentum=0.5: error: unknown key optimizer.momentum "
            "(a key of layers, type: sgd, type: nesterov or type: rmsprop)"
        ]


def test_another_kind_that_does_not_exist_is_one_problem(write: Write, good: str) -> None:
    text = good + "optimizer: {type: sgd, momentum: 0.9}\n"
    with pytest.raises(ConfigError) as caught:
        load_config(write(text), {"optimizer.type": "adamm"})
    (line,) = caught.value.problems
    assert "found 'adamm'" in line and "(did you mean adam?)" in line


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("learning_rate.on_plateau.patience=3", ("learning_rate", "on_plateau", "patience")),
        ("phases.0.optimizer.momentum=0.5", ("phases", 0, "optimizer", "momentum")),
        ("phases.0.until.epochs=2", ("phases", 0, "until", "epochs")),
    ],
)
def test_a_section_that_is_none_or_absent_starts_from_its_default(
    write: Write, good: str, text: str, path: tuple[str | int, ...]
) -> None:
    if text.startswith("phases"):
        good += "phases: [{learning_rate: 1}]\n"
    changes = parse_overrides([text])
    for config in (load_config(write(good), changes), override(load_config(write(good)), changes)):
        assert value_at(resolved(config), path) == changes[0].value


def test_a_default_that_a_file_states_outlives_its_kind(write: Write, good: str) -> None:
    """As for `fit --set`, so for the trials of a sweep, which start from the resolved config."""
    path = write(good + "optimizer: {type: sgd, weight_decay: 0.0}\n")
    changes = parse_overrides(["optimizer.type=adamw"])
    for config in (load_config(path, changes), override(load_config(path), changes)):
        assert resolved(config)["optimizer"]["weight_decay"] == 0.0
