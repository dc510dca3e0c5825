"""A mapping in Python is a config like that of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from cnntrain.config import load_config
from cnntrain.errors import ConfigError

from .test_load import Write

MAPPING = {
    "data": {"source": "digits"},
    "layers": [{"type": "flatten"}, {"type": "dense", "units": 10}, {"type": "softmax"}],
    "loss": "cross_entropy",
    "batch_size": 32,
    "epochs": 1,
    "learning_rate": 0.1,
}


def test_a_mapping_is_a_config_like_that_of_a_file(write: Write) -> None:
    path = write(yaml.safe_dump(MAPPING), name="run.yaml")
    assert load_config(MAPPING) == load_config(path)
    assert load_config(MAPPING).name == "run"
    assert "name" not in MAPPING
    assert load_config(MAPPING, overrides={"layers.dense1.units": 7}).layers[1].units == 7


def test_a_mapping_may_hold_numbers_of_numpy_and_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = {"source": "npz", "path": Path("x.npz")}
    rates = {"schedule": "multistep", "milestones": np.array([2, 4]), "initial": np.float32(0.5)}
    config = load_config(
        {**MAPPING, "batch_size": np.int64(8), "learning_rate": rates, "data": data}
    )
    dumped = config.model_dump()
    assert (dumped["batch_size"], dumped["data"]["path"]) == (8, str(tmp_path / "x.npz"))
    assert list(dumped["learning_rate"]["milestones"]) == [2, 4]


def test_all_mistakes_of_a_mapping_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        load_config({**MAPPING, "epohs": 2, "batch_size": -1})
    assert list(error.value.problems) == [
        "invalid batch_size, found -1, expected an integer >= 1 or full",
        "unknown key epohs (did you mean epochs?)",
    ]
