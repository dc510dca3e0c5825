"""The JSON Schema that editors use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cnntrain.config import json_schema, load_config, resolved
from cnntrain.config.source.yaml import read
from cnntrain.resources import bundled

STARTERS = sorted(bundled("configs").glob("*.yaml"))
GOOD: dict[str, Any] = read((bundled("configs") / "digits.yaml").read_bytes()).value


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    return Draft7Validator(json_schema())


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    schema = json_schema()
    yield "Config", schema
    definitions = schema["definitions"].items()
    yield from ((name, part) for name, part in definitions if "properties" in part)


def test_it_is_a_draft_07_schema() -> None:
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "$defs" not in str(schema)
    assert "prefixItems" not in str(schema)


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_it_accepts_every_starter_config_as_written_and_as_resolved(
    path: Path, validator: Draft7Validator
) -> None:
    assert list(validator.iter_errors(read(path.read_bytes()).value)) == []
    assert list(validator.iter_errors(resolved(load_config(path)))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"$schema": "./cnntrain.schema.json"},
        {"learning_rate": 0.1},
        {"learning_rate": {"schedule": "constant", "initial": 1}},
        {"batch_size": "full"},
        {"optimizer": "adam"},
        {"data": "digits"},
        {"layers": ["flatten", {"type": "dense", "units": 10}, "softmax"]},
        {"early_stopping": "none"},
        {"data": {"source": "idx", "train_images": "a", "train_labels": "b"}},
        {"layers": [{"type": "conv", "filters": 1, "kernel": [1, 2], "padding": [0, 1, 2, 3]}]},
        {"layers": [{"type": "conv", "filters": 1, "kernel": [3]}]},
        {"layers": [{"type": "avg_pool", "window": "all"}]},
        {"loss": {"type": "cross_entropy", "label_smoothing": 0.1}},
        {"loss": {"type": "cross_entropy", "class_weights": "balanced"}},
        {"loss": {"type": "cross_entropy", "class_weights": [0, 1.5]}},
        {"loss": {"type": "cross_entropy", "class_weights": {"a class": 2}}},
        {"layers": [{"type": "dense", "units": 1, "init": {"type": "he_normal"}}]},
    ],
)
def test_it_accepts(change: dict[str, Any], validator: Draft7Validator) -> None:
    assert list(validator.iter_errors({**GOOD, **change})) == []


@pytest.mark.parametrize(
    "change",
    [
        {"lr": 0.1},
        {"name": "../x"},
        {"name": None},
        {"seed": -1},
        {"learning_rate": 0},
        {"learning_rate": {"initial": 1}},
        {"batch_size": "all"},
        {"optimizer": "adamm"},
        {"data": "idx"},
        {"layers": ["dense"]},
        {"loss": {"type": "cross_entropy", "class_weights": "equal"}},
        {"loss": {"type": "cross_entropy", "class_weights": [0, -1]}},
        {"loss": {"type": "cross_entropy", "class_weights": {"a class": -2}}},
        {"learning_rate": "cosine"},
        {"epochs": 1.5},
        {"drop_last": "no"},
        {"layers": []},
        {"layers": [{"type": "Linear"}]},
        {"layers": [{"type": "relu", "derivative_at_zero": 0.7}]},
        {"layers": [{"type": "relu", "name": None}]},
        {"layers": [{"type": "conv", "filters": 1}]},
        {"layers": [{"type": "conv", "filters": 1, "kernel": [1, 2, 3]}]},
        {"layers": [{"type": "conv", "filters": 1, "kernel": [1, 0]}]},
        {"layers": [{"type": "conv", "filters": 1, "kernel": []}]},
        {"layers": [{"type": "dense", "units": 1, "init": {"type": "gaussian"}}]},
        {"data": {"source": "idx"}},
        {"data": {"source": "idx", "directory": "a", "train_images": "b"}},
        {"data": {"source": "idx", "train_images": "b"}},
        {"data": {"source": "digits", "validation": 1.5}},
        {"data": {"source": "digits", "directory": "a"}},
    ],
)
def test_it_rejects(change: dict[str, Any], validator: Draft7Validator) -> None:
    assert list(validator.iter_errors({**GOOD, **change})) != []


def test_there_are_no_unions_of_which_one_can_only_say_that_nothing_fits() -> None:
    text = json.dumps(json_schema())
    assert "oneOf" not in text
    assert "anyOf" not in text


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"layers": [{"type": "conv", "filters": 1, "kernel": 3, "strid": 1}]}, "layers.0",
         "'strid' was unexpected"),
        ({"layers": [{"type": "conv", "filters": 1, "kernel": [1, 0]}]}, "layers.0.kernel.1",
         "0 is less than the minimum of 1"),
        ({"layers": [{"type": "conv", "filters": 1, "kernel": True}]}, "layers.0.kernel",
         "True is not of type 'integer', 'array'"),
        ({"layers": [{"type": "conv", "filters": 1}]}, "layers.0", "'kernel' is a required"),
        ({"layers": [{"type": "Linear"}]}, "layers.0.type", "'Linear' is not one of ['conv', "),
        ({"layers": [{"filters": 1}]}, "layers.0", "'type' is a required property"),
        ({"layers": [{"type": "dense", "units": 1, "init": {"type": "gaussian", "std": 0}}]},
         "layers.0.init.std", "0 is less than or equal to the minimum of 0"),
        ({"layers": [{"type": "dense", "units": 1, "init": "he"}]}, "layers.0.init",
         "'he' is not one of ['he_normal', "),
        ({"loss": "mse"}, "loss", "'mse' is not one of ['cross_entropy', 'quadratic']"),
        ({"optimizer": {"type": "adam", "beta": 0.9}}, "optimizer", "'beta' was unexpected"),
        ({"learning_rate": 0}, "learning_rate", "0 is less than or equal to the minimum of 0"),
        ({"learning_rate": {"schedule": "step"}}, "learning_rate", "'initial' is a required"),
        ({"phases": [{"learning_rate": 0.1, "optimiser": "sgd"}]}, "phases.0", "'optimiser' was"),
        ({"early_stopping": {"patiense": 3}}, "early_stopping", "'patiense' was unexpected"),
        ({"batch_size": 0}, "batch_size", "0 is less than the minimum of 1"),
        ({"data": {"source": "digits", "validation": 1.5}}, "data.validation",
         "1.5 is greater than or equal to the maximum of 1"),
        ({"data": {"source": "idx"}}, "data", "'train_images' is a required property"),
        ({"data": {"source": "idx", "directory": "a", "train_images": "b"}}, "data",
         "False schema does not allow 'b'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(
    change: dict[str, Any], place: str, words: str, validator: Draft7Validator
) -> None:
    errors = [*validator.iter_errors({**GOOD, **change})]
    told = [(".".join(map(str, error.absolute_path)), error.message) for error in errors]
    assert {where for where, _ in told} == {place}
    assert any(where == place and words in message for where, message in told), told


def test_a_learning_rate_may_be_missing_only_beside_phases(validator: Draft7Validator) -> None:
    without = {key: value for key, value in GOOD.items() if key != "learning_rate"}
    (error,) = validator.iter_errors(without)
    assert error.message == "'learning_rate' is a required property"
    assert validator.is_valid({**without, "phases": [{"learning_rate": 0.1}]})


@pytest.mark.parametrize("key", ["data", "layers", "loss", "batch_size", "epochs"])
def test_what_is_required_must_be_there(key: str, validator: Draft7Validator) -> None:
    assert json_schema()["required"].count(key) == 1
    assert not validator.is_valid({name: value for name, value in GOOD.items() if name != key})


def test_every_key_says_what_it_means_and_has_a_default_or_is_required_or_tells_its_default() -> (
    None
):
    for name, section in sections():
        assert section["description"]
        for key, part in section["properties"].items():
            if "const" in part or key == "$schema":
                continue
            text = part.get("description") or str(part.get("allOf"))
            assert text, (name, key)
            settled = "default" in part or key in section.get("required", [])
            told = any(words in text for words in ("Default: ", "Required, unless"))
            assert settled or told or name == "Idx", (name, key)
