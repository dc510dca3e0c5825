"""A source is one class and one line: all else that a config needs follows from it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pytest

from cnntrain.config import json_schema, load_config, resolved
from cnntrain.config.reference import Reference, markdown
from cnntrain.data import load_dataset
from cnntrain.data.examples import Examples, RawData
from cnntrain.data.sources import SOURCES, Source
from cnntrain.data.sources.source import FilePath, OptionalPath
from cnntrain.errors import ConfigError, DataError
from cnntrain.settings import setting
from cnntrain.settings.types import Count
from cnntrain.training.resume.changes import Changes

REST = """
layers: [{type: flatten}, {type: dense, units: 2}, {type: softmax}]
loss: cross_entropy
batch_size: 8
epochs: 1
learning_rate: 0.1
"""


class Stripes(Source):
    """Stripes that run across or down, over a background from a file."""

    source: Literal["stripes"] = "stripes"
    background: FilePath = setting("An .npy file with one image.")
    mask: OptionalPath = setting("An .npy file that says where the stripes are.", None)
    count: Count = setting("Samples.", 40)

    may_hold_validation = False

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        if values.get("mask") is not None and values.get("count") == 1:
            yield "mask", "data.mask with data.count 1, expected more samples"
        if values.get("count") == 2:
            yield None, "two stripes are no data"

    def read(self) -> RawData:
        images = np.repeat(np.load(self.background)[None], self.count, axis=0)
        labels = np.arange(self.count) % 2
        images[labels == 0, ::2] = 255
        images[labels == 1, :, ::2] = 255
        return RawData(Examples(images[..., None], labels), class_names=("across", "down"))


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Stripes, made known for one test."""
    monkeypatch.setattr(SOURCES, "kinds", dict(SOURCES.kinds))
    monkeypatch.setattr(SOURCES, "_adapter", None)
    SOURCES.add(Stripes)


@pytest.fixture
def config(tmp_path):
    """`config(text, more="")`: the config with this `data` section."""

    def loaded(text, more=""):
        path = tmp_path / "config.yaml"
        path.write_text(f"data: {text}{REST}{more}")
        return load_config(path)

    return loaded


def test_a_config_can_name_it(config, tmp_path):
    np.save(tmp_path / "grey.npy", np.full((4, 4), 128, dtype=np.uint8))
    loaded = config("{source: stripes, background: grey.npy, test: 0.25}")
    data = load_dataset(loaded.data)
    assert data.class_names == ("across", "down")
    assert (len(data.train), len(data.test)) == (30, 10)
    assert list(resolved(loaded)["data"]) == [
        "source", "background", "count", "validation", "fold", "test", "group", "split_seed",
        "standardize",
    ]  # fmt: skip


def test_its_paths_start_from_the_config(config, tmp_path):
    assert Stripes.path_keys() == ["background", "mask"]
    data = config("{source: stripes, background: a/grey.npy, mask: ../mask.npy}").data
    assert data.background == str(tmp_path / "a" / "grey.npy")
    assert data.mask == str(tmp_path.parent / "mask.npy")


def test_its_files_may_move_before_a_run_goes_on(config):
    old, new = (config(f"{{source: stripes, background: {name}.npy}}") for name in ("a", "b"))
    (change,) = Changes(old, new, epochs=0, allow=False).all
    assert (change.key, change.verdict) == ("data.background", "allowed")
    other = config("{source: stripes, background: a.npy, count: 3}")
    (change,) = Changes(old, other, epochs=0, allow=False).all
    assert (change.key, change.verdict) == ("data.count", "refused")


def test_its_own_checks_are_made_with_the_config(config):
    with pytest.raises(ConfigError, match="1:44: error: data.mask with data.count 1"):
        config("{source: stripes, background: a.npy, mask: m.npy, count: 1}")
    with pytest.raises(ConfigError, match="1:7: error: two stripes are no data"):
        config("{source: stripes, background: a.npy, count: 2}")


def test_whether_early_stopping_needs_data_validation_is_a_trait(config, monkeypatch):
    text = "{source: stripes, background: a.npy}"
    with pytest.raises(ConfigError, match="early_stopping without a validation part"):
        config(text, "early_stopping: {}\n")
    monkeypatch.setattr(Stripes, "may_hold_validation", True)
    assert config(text, "early_stopping: {}\n").early_stopping != "none"


def test_groups_are_never_left_out_of_account(config, tmp_path):
    np.save(tmp_path / "grey.npy", np.zeros((4, 4), dtype=np.uint8))
    data = config("{source: stripes, background: grey.npy, group: g}").data
    with pytest.raises(DataError, match="data.group is g, but the samples have no groups"):
        load_dataset(data)


def test_schema_and_reference_describe_it():
    assert "Stripes" in json_schema()["definitions"]
    text = markdown([], list(Reference().sections()))
    assert "#### `data` with `source: stripes`" in text
    assert "| `background` | a path | required | An .npy file with one image. |" in text


def test_the_paths_of_every_source_are_known():
    assert {kind.word(): kind.path_keys() for kind in SOURCES} == {
        "digits": [],
        "idx": ["directory", "train_images", "train_labels", "test_images", "test_labels"],
        "npz": ["path"],
        "csv": ["path", "validation_path", "test_path"],
        "cifar": ["directory"],
        "images": ["directory", "table", "cache"],
        "toy2d": [],
        "stripes": ["background", "mask"],
    }
