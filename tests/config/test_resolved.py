"""Configs written out, read back and compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cnntrain.config import (
    config_for_checkpoint,
    config_from_checkpoint,
    differences,
    dump,
    load_config,
    override,
    override_data,
    parse_overrides,
    resolved,
)
from cnntrain.errors import ConfigError
from cnntrain.resources import bundled

Write = Callable[..., str]

DUMPED = """\
name: c
seed: 0
data:
  source: digits
  validation: 0.1
  fold: none
  test: 0.2
  group: none
  split_seed: 0
  standardize: per_channel
augment: none
layers:
  - {type: conv, filters: 4, kernel: 3, stride: 1, padding: valid, dilation: 1, groups: 1, \
bias: true, init: he_normal, name: conv1, \
rate_factor: 1.0}
  - {type: relu, derivative_at_zero: 1.0, radius: 0.0, name: relu1}
  - {type: max_pool, window: 2, stride: 2, padding: valid, ceil: false, ties: random, \
smooth: none, name: max_pool1}
  - {type: conv, filters: 8, kernel: [3, 1], stride: 1, padding: valid, dilation: 1, \
groups: 1, bias: true, init: he_normal, name: second, rate_factor: 1.0}
  - {type: flatten, name: flatten1}
  - {type: dense, units: 10, bias: true, init: {type: gaussian, std: 0.01}, name: dense1, \
rate_factor: 1.0}
  - {type: softmax, name: softmax1}
loss: {type: cross_entropy, label_smoothing: 0.0, class_weights: none}
start_from: none
batch_size: 32
drop_last: false
epochs: 3
optimizer: {type: sgd, momentum: 0.0, weight_decay: 0.0}
learning_rate: {schedule: constant, initial: 0.1, warm_up: 0.0, on_plateau: none}
phases: none
gradient_clip: none
average: none
early_stopping: none
convergence: none
target_error: none
max_minutes: none
evaluate_train: running
evaluate: {flip: false, in_training: false}
metrics: none
record_steps: none
record_layers: false
log: none
checkpoint: {every_steps: none, keep: 3}
compute: {dtype: float32, engine: auto, workers: auto, chunk: auto, conv: auto}
"""


def test_a_dump_has_every_default_in_the_order_of_the_documentation(write: Write) -> None:
    assert dump(load_config(write())) == DUMPED


@pytest.mark.parametrize("path", sorted(bundled("configs").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_dump_loads_as_an_equal_config(path: Path, write: Write) -> None:
    config = load_config(path)
    text = dump(config)
    assert "null" not in text
    again = load_config(write(text, "other.yaml"))
    assert again == config
    assert dump(again) == text


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
    rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    seed=st.integers(0, 2**63 - 1),
)
def test_a_dump_keeps_any_path_and_any_number(
    write: Write, path: str, rate: float, seed: int
) -> None:
    given_values = {"data": {"source": "npz", "path": f"/{path}"}, "learning_rate": rate}
    config = load_config(write(), {**given_values, "seed": seed})
    assert load_config(write(dump(config))) == config


def test_explicit_idx_paths_survive_without_mention_of_the_directory(write: Write) -> None:
    data = {"source": "idx", "train_images": "a", "train_labels": "b"}
    config = load_config(write(), {"data": data})
    assert list(resolved(config)["data"]) == [
        "source",
        "train_images",
        "train_labels",
        "validation",
        "fold",
        "test",
        "group",
        "split_seed",
        "standardize",
    ]
    assert load_config(write(dump(config))) == config


def test_a_checkpoint_keeps_all_but_name_and_workers(write: Write) -> None:
    config = load_config(write(), {"compute.workers": 3})
    stored = config_for_checkpoint(config)
    assert "name" not in stored
    assert stored["compute"] == {
        "dtype": "float32",
        "engine": "auto",
        "chunk": "auto",
        "conv": "auto",
    }
    restored = config_from_checkpoint(stored)
    changed = differences(resolved(config), resolved(restored))
    assert changed == [("name", "c", "checkpoint"), ("compute.workers", 3, "auto")]
    assert restored.locate(("layers", 3)) == "layers.3"


@pytest.mark.parametrize("values", [{}, {"epochs": 1}, {"data": 3}])
def test_values_that_are_no_config_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="^(missing key batch_size|invalid data), "):
        config_from_checkpoint(values)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"compute.workers": 2}, [("compute.workers", "auto", 2)]),
        ({"layers.0.filters": 5}, [("layers.0.filters", 4, 5)]),
        ({"layers.second.kernel": [3, 2]}, [("layers.3.kernel.1", 1, 2)]),
        ({"learning_rate": 0.1}, []),
        ({"early_stopping.patience": 2, "epochs": 4}, [
            ("epochs", 3, 4),
            ("early_stopping", "none",
             {"monitor": "validation_error", "patience": 2, "min_delta": 0.0}),
        ]),
        ({"learning_rate": {"schedule": "step", "initial": 0.1}}, [
            ("learning_rate.schedule", "constant", "step"),
            ("learning_rate.factor", "(absent)", 0.1),
            ("learning_rate.every", "(absent)", 10),
        ]),
    ],
)  # fmt: skip
def test_differences_name_dotted_keys(
    write: Write, changes: dict[str, Any], expected: list[tuple[str, Any, Any]]
) -> None:
    old, new = load_config(write()), load_config(write(), changes)
    assert differences(resolved(old), resolved(new)) == expected


def test_another_number_of_layers_is_one_difference(write: Write, good: str) -> None:
    old = resolved(load_config(write()))
    new = resolved(load_config(write(good.replace("  - {type: relu}\n", ""))))
    ((key, before, after),) = differences(old, new)
    assert (key, len(before), len(after)) == ("layers", 7, 6)


def test_data_can_be_overridden_for_evaluation(write: Write, tmp_path: Path) -> None:
    config = load_config(write(), {"early_stopping.patience": 2})
    for overrides in (
        {"data": {"source": "npz", "path": "x"}},
        parse_overrides(["data={source: npz, path: x}"]),
    ):
        changed = override_data(config, overrides)
        assert changed.data.model_dump()["path"] == str(tmp_path / "x")
        assert changed.epochs == config.epochs
        assert changed.early_stopping == config.early_stopping
    assert override_data(config, {"test": 7}).data.model_dump()["test"] == 7
    assert override_data(config, {"data.validation": "none"}).data.validation == "none"
    assert override_data(config, {}) == config


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "layers.0.filters=3",
            "--set layers.0.filters=3: error: found the key layers.0.filters, expected a key of "
            "data, such as data.path (nothing else can be replaced here)",
        ),
        (
            "data.source=npz",
            "--set data.source=npz: error: missing key data.path, expected a path",
        ),
        ("data.tset=3", "--set data.tset=3: error: unknown key data.tset (did you mean test?)"),
    ],
)
def test_only_data_can_be_overridden_for_evaluation(write: Write, given: str, message: str) -> None:
    config = load_config(write())
    with pytest.raises(ConfigError) as caught:
        override_data(config, parse_overrides([given]))
    assert str(caught.value) == message


def test_a_config_can_be_changed_in_place_of_its_file(write: Write, tmp_path: Path) -> None:
    data = {"source": "npz", "path": "x"}
    changed = override(load_config(write()), {"layers.conv1.filters": 3, "data": data})
    same = load_config(write(), {"layers.conv1.filters": 3, "data": data})
    assert changed == same
    with pytest.raises(ConfigError, match="^override epochs=0: error: invalid epochs, found 0"):
        override(changed, {"epochs": 0})
