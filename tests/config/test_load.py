"""Config files that load: defaults, paths, names, places."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from cnntrain.config import Config, load_config, parse_overrides
from cnntrain.errors import ConfigError
from cnntrain.resources import bundled

Write = Callable[..., str]
STARTERS = sorted(bundled("configs").glob("*.yaml"))


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_every_starter_config_loads(path: Path) -> None:
    assert load_config(path).name == path.stem


def test_the_starter_configs_are_these() -> None:
    names = [path.stem for path in STARTERS]
    small = ["digits", "fashion-lenet", "fashion-small"]
    assert names == [*small, "images", "mnist-augmented", "regression", "toy2d"]


def test_what_is_not_said_has_its_default(write: Write) -> None:
    near_origin = {"type": "gaussian", "std": 0.01}
    config = load_config(write(name="My run (2).yaml"))
    assert config.name == "My-run-2-"
    assert config.model_dump() == {
        "name": "My-run-2-",
        "seed": 0,
        "data": {
            "source": "digits",
            "validation": 0.1,
            "fold": "none",
            "test": 0.2,
            "group": "none",
            "split_seed": 0,
            "standardize": "per_channel",
        },
        "layers": (
            {
                "type": "conv",
                "filters": 4,
                "kernel": 3,
                "stride": 1,
                "padding": "valid",
                "dilation": 1,
                "groups": 1,
                "bias": True,
                "init": "he_normal",
                "name": "conv1",
                "rate_factor": 1.0,
            },
            {"type": "relu", "derivative_at_zero": 1.0, "radius": 0.0, "name": "relu1"},
            {
                "type": "max_pool",
                "window": 2,
                "stride": 2,
                "padding": "valid",
                "ceil": False,
                "ties": "random",
                "smooth": "none",
                "name": "max_pool1",
            },
            {
                "type": "conv",
                "filters": 8,
                "kernel": (3, 1),
                "stride": 1,
                "padding": "valid",
                "dilation": 1,
                "groups": 1,
                "bias": True,
                "init": "he_normal",
                "name": "second",
                "rate_factor": 1.0,
            },
            {"type": "flatten", "name": "flatten1"},
            {
                "type": "dense",
                "units": 10,
                "bias": True,
                "init": near_origin,
                "name": "dense1",
                "rate_factor": 1.0,
            },
            {"type": "softmax", "name": "softmax1"},
        ),
        "loss": {"type": "cross_entropy", "label_smoothing": 0.0, "class_weights": "none"},
        "batch_size": 32,
        "drop_last": False,
        "epochs": 3,
        "optimizer": {"type": "sgd", "momentum": 0.0, "weight_decay": 0.0},
        "learning_rate": {
            "schedule": "constant",
            "initial": 0.1,
            "warm_up": 0.0,
            "on_plateau": "none",
        },
        "phases": "none",
        "convergence": "none",
        "target_error": "none",
        "max_minutes": "none",
        "evaluate_train": "running",
        "augment": "none",
        "evaluate": {"flip": False, "in_training": False},
        "metrics": "none",
        "record_steps": "none",
        "record_layers": False,
        "log": "none",
        "start_from": "none",
        "gradient_clip": "none",
        "average": "none",
        "early_stopping": "none",
        "checkpoint": {"every_steps": "none", "keep": 3},
        "compute": {
            "dtype": "float32",
            "engine": "auto",
            "workers": "auto",
            "chunk": "auto",
            "conv": "auto",
        },
    }


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("optimizer: {type: sgd, momentum: 0}", "optimizer.momentum", 0.0),
        ("batch_size: full", "batch_size", "full"),
        ("learning_rate: 1", "learning_rate.initial", 1.0),
        ("learning_rate: {schedule: step, initial: 1e-3}", "learning_rate.initial", 0.001),
        ("learning_rate: {schedule: step, initial: 1}", "learning_rate.every", 10),
        ("early_stopping: {}", "early_stopping.patience", 5),
        ("early_stopping: {min_delta: 1}", "early_stopping.min_delta", 1.0),
        ("data: {source: digits, test: 100}", "data.test", 100),
        ("data: {source: digits, validation: 1}", "data.validation", 1),
        ("compute: {workers: 2}", "compute.workers", 2),
        ("seed: 0755", "seed", 755),
        ("name: no", "name", "no"),
    ],
)
def test_values_keep_their_meaning(
    write: Write, good: str, line: str, key: str, value: object
) -> None:
    others = [old for old in good.splitlines() if old.split(":")[0] != line.split(":")[0]]
    found: object = load_config(write("\n".join([line, *others])))
    for step in key.split("."):
        found = getattr(found, step)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("init", "expected"),
    [
        ("he_normal", "he_normal"),
        ("{type: he_normal}", "he_normal"),
        ("{type: glorot_uniform}", "glorot_uniform"),
        ("{type: gaussian, std: 1}", {"type": "gaussian", "std": 1.0}),
        ("{type: constant, value: -0.5}", {"type": "constant", "value": -0.5}),
    ],
)
def test_initial_weights(write: Write, good: str, init: str, expected: object) -> None:
    config = load_config(write(good.replace("units: 10", f"units: 10, init: {init}")))
    assert config.layers[5].model_dump()["init"] == expected


def test_the_schema_key_that_editors_read_is_accepted(write: Write, good: str) -> None:
    assert load_config(write(f"$schema: ./s.json\n{good}")) == load_config(write(good))


def test_standard_input_makes_a_run_called_run(
    good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = good.replace("digits, validation: 0.1", "npz, path: x.npz")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    config = load_config("-")
    assert config.name == "run"
    assert config.data.model_dump()["path"] == str(tmp_path / "x.npz")
    assert config.locate(("epochs",)) == "<stdin>:12:9"


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.b.yaml", "a.b"), (".hidden", "hidden"), ("-rf.yaml", "rf"), ("é.yaml", "run"),
     (f"{'x' * 150}.yaml", "x" * 100)],
)  # fmt: skip
def test_the_default_name_is_the_files_stem_cleaned_up(write: Write, file: str, name: str) -> None:
    assert load_config(write(name=file)).name == name


def test_paths_are_relative_to_the_file_and_those_of_overrides_to_the_working_directory(
    write: Write, good: str, tmp_path: Path
) -> None:
    text = good.replace("digits,", "idx, directory: ../d/./e,")
    name = write(text, "sub/c.yaml")
    assert load_config(name).data.model_dump()["directory"] == str(tmp_path / "d/e")
    for given in ({"data.directory": "x"}, {"data": {"source": "idx", "directory": Path("x")}}):
        config = load_config(name, given)
        assert config.data.model_dump()["directory"] == str(tmp_path / "x")
    config = load_config(name, {"data.directory": "/abs"})
    assert config.data.model_dump()["directory"] == "/abs"


def test_the_four_paths_of_idx_files_are_absolute_too(
    write: Write, good: str, tmp_path: Path
) -> None:
    keys = ["train_images", "train_labels", "test_images", "test_labels"]
    text = good.replace("digits,", "idx, " + ", ".join(f"{key}: {key}.gz" for key in keys) + ",")
    data = load_config(write(text)).data.model_dump()
    assert [data[key] for key in keys] == [str(tmp_path / f"{key}.gz") for key in keys]
    assert data["directory"] is None


def test_an_npz_file_may_bring_the_validation_part_that_early_stopping_needs(
    write: Write, good: str
) -> None:
    text = good.replace("digits, validation: 0.1", "npz, path: x")
    assert load_config(write(f"{text}early_stopping: {{}}\n")).early_stopping != "none"


def test_places_are_found_by_path(write: Write) -> None:
    overrides = parse_overrides(["layers.0.kernel=9", "layers.2={type: max_pool, window: 3}"])
    config = load_config(write(), overrides)
    assert config.locate(("layers", 1)) == "c.yaml:4:5"
    assert config.locate(("layers", 3, "filters")) == "c.yaml:6:27"
    assert config.locate(("layers", 3, "stride")) == "c.yaml:6:5"  # a default: where it would be
    assert config.locate(("layers", 0, "filters")) == "c.yaml:3:27"
    assert config.locate(("layers", 0, "kernel")) == "--set layers.0.kernel=9"
    assert config.locate(("layers", 2, "window")) == "--set layers.2={type: max_pool, window: 3}"
    assert config.locate(("early_stopping",)) == "c.yaml:1:1"


def test_a_config_cannot_be_changed_and_equals_another_with_the_same_settings(
    write: Write, good: str
) -> None:
    config = load_config(write(good))
    same = load_config(write(f"# moved\n\n{good}"))
    assert config == same
    assert config != load_config(write(good), {"epochs": 4})
    assert config != "config"
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(ValidationError):
        setattr(config, "epochs", 4)  # noqa: B010
    with pytest.raises(ValidationError):
        setattr(config.layers[0], "filters", 4)  # noqa: B010


def test_a_whole_number_is_a_number_where_none_is_allowed_too(write: Write) -> None:
    config = load_config(write(), {"target_error": 0, "max_minutes": 3})
    assert (config.target_error, config.max_minutes) == (0, 3)
    with pytest.raises(ConfigError, match="max_minutes, found 0, expected a number > 0 or none"):
        load_config(write(), {"max_minutes": 0})


def test_layers_are_numbered_by_type_and_keep_their_given_names(write: Write) -> None:
    config: Config = load_config(write())
    assert [layer.name for layer in config.layers] == [
        "conv1",
        "relu1",
        "max_pool1",
        "second",
        "flatten1",
        "dense1",
        "softmax1",
    ]
    assert load_config(write(), {"layers.3": {"type": "flatten"}}).layers[3].name == "flatten1"
