"""Random configs: right ones train and come back, wrong ones say where they are wrong."""

from __future__ import annotations

import contextlib
import copy
import csv
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from random_configs import configs
from random_settings import FAMILIES

import cnntrain as package
from cnntrain.config import json_schema, load_config
from cnntrain.config.source.writer import to_yaml
from cnntrain.errors import ConfigError, DivergedError
from cnntrain.resources import bundled

KINDS = [(key, kind.word()) for key, family in FAMILIES.items() for kind in family]
NUMBER = count()
DIGITS = (bundled("configs") / "digits.yaml").read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the data of random configs, and their runs, go."""
    return tmp_path_factory.mktemp("random")


def trained(config: Path, run: Path) -> dict[str, bytes]:
    """What training leaves that is the same each time, by the names of files."""
    with contextlib.suppress(DivergedError):
        package.fit(config, run=run)
    files = [*(run / "checkpoints").iterdir(), run / "metrics.csv", run / "split.npz"]
    return {path.name: path.read_bytes() for path in files}


def check_numbers(run: Path) -> None:
    """`evaluate` says of the best checkpoint what metrics.csv says of its epoch."""
    best = package.Run(run).summary.early_stopping_point
    if best is None:  # diverged in the first epoch
        return
    text = (run / "metrics.csv").read_text()
    row = list(csv.DictReader(text.splitlines()))[best.epoch - 1]
    for split, loss, error in (
        ("validation", "validation_loss", "validation_error"),
        ("train", "train_risk", "train_zero_one"),
    ):
        if row.get(loss):
            told = package.evaluate(run, split=split, weights="own")
            assert told.loss == float(row[loss])
            assert told.zero_one_error == (float(row[error]) if row[error] else None)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "word"), KINDS)
def test_a_right_config_trains_and_its_run_can_be_repeated_and_evaluated(folder, key, word):
    @settings(max_examples=2, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(data=st.data())
    def check(data):
        here = folder / str(next(NUMBER))
        here.mkdir()
        values = data.draw(configs(here, key, word))
        assume(key != "layers" or word in [layer["type"] for layer in values["layers"]])
        (here / "config.yaml").write_text(to_yaml(values))
        first = trained(here / "config.yaml", here / "run")
        assert trained(here / "run" / "config.yaml", here / "again") == first
        check_numbers(here / "run")

    check()


# Wrong ones ---------------------------------------------------------------------------------------

OTHER_VALUES: list[Any] = [
    "sgdd", "", "none", "1e3x", True, None, -1, 0, 1, 3, 10**10, 2**64, -0.5, 0.5, 1.5, 1e-320,
    float("nan"), float("inf"), [], [[]], [1, 2, 3, 4, 5], {}, {"type": "none"}, {"kernal": 3},
]  # fmt: skip


def paths(values: Any, path: tuple = ()) -> list[tuple]:
    """The paths of all values in `values`."""
    items = values.items() if isinstance(values, dict) else enumerate(values)
    inner = [(*path, key) for key, _ in items]
    containers = [p for p in inner if isinstance(values[p[-1]], dict | list)]
    return inner + [deep for p in containers for deep in paths(values[p[-1]], p)]


@st.composite
def changed(draw, values):
    """A copy of `values` with one of them replaced, removed or put under another key."""
    values = copy.deepcopy(values)
    *way, last = draw(st.sampled_from(paths(values)))
    inside = values
    for step in way:
        inside = inside[step]
    change = draw(st.sampled_from(["replace", "remove", "rename", "add"]))
    event(change)
    if change == "replace" or isinstance(inside, list):
        inside[last] = draw(st.sampled_from(OTHER_VALUES))
    elif change == "remove":
        del inside[last]
    elif change == "rename":
        inside[draw(st.sampled_from(["lr", "Kernel", "typ", "weights", "x" * 99]))] = inside.pop(
            last
        )
    else:
        inside[draw(st.sampled_from(["dropout", "name", "initial", "filters"]))] = 1
    return values


VALIDATOR = Draft7Validator(json_schema())
PLACED = re.compile(r"config\.yaml:\d+:\d+: error: \S.*")


def refused(content: bytes) -> bool:
    """Whether `content` is refused as a config: then each problem has a line with its place."""
    Path("config.yaml").write_bytes(content)
    try:
        load_config("config.yaml")
    except ConfigError as error:
        assert error.exit_code == 2
        for problem in error.problems:
            assert PLACED.fullmatch(problem), problem
        return True
    return False


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_wrong_value_is_told_with_its_place(folder, monkeypatch, data):
    """What the JSON Schema refuses is wrong to cnntrain, too: five changes of each config."""
    monkeypatch.chdir(folder)
    right = data.draw(configs(folder))
    for _ in range(5):
        values = data.draw(changed(right))
        assert refused(to_yaml(values).encode()) or VALIDATOR.is_valid(values)


PIECES = [*"{}[],:&*!|>'\"%@`#?-\t\n ", "\0", "\ud800", "\u2028", "- ", ": ", "\n  ", "1e999", "~"]


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_wrong_text_is_told_with_its_place(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    start = data.draw(st.integers(0, len(DIGITS)))
    stop = data.draw(st.integers(start, min(start + 20, len(DIGITS))))
    piece = data.draw(st.sampled_from(PIECES) | st.text(max_size=6))
    refused((DIGITS[:start] + piece + DIGITS[stop:]).encode(errors="surrogatepass"))
