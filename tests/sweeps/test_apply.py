"""The user's config with another rate: one value changes, everything else stays as it was."""

import json
from pathlib import Path

import pytest
import yaml

from cnntrain.config import load_config, parse_overrides
from cnntrain.errors import UsageError
from cnntrain.sweeps.apply import RatedConfig

from ..conftest import DIGITS
from .conftest import SHORT

RATE = 0.0316
PLAIN = "learning_rate: 0.05\n"
SECTION = """\
learning_rate:        # as large as possible
  schedule: 'step'    # or cosine
  "initial": 0.05     # > 0
  factor: 0.1
  every: 10
"""
CYCLE = "learning_rate: {initial: 0.01,   maximum: 5e-2, schedule: one_cycle}   # a cycle\n"
PHASES = """\
phases:
  - learning_rate: 0.05   # first
    until: {epochs: 1}
  - {learning_rate: 0.001}
"""
NESTED = """\
phases:
- until: {epochs: 1}
  learning_rate:
    initial: 0.05 # first
    schedule: constant
-
  learning_rate: 0.05
"""


def config(rate=PLAIN):
    return DIGITS.replace(PLAIN, rate).replace("name: small", "name: mnist-{seed}  # a placeholder")


def rated(text, *overrides, new="new.yaml", newline=None):
    """The text of small.yaml with the rate RATE."""
    Path("small.yaml").write_text(text, newline=newline)
    changes = parse_overrides(overrides)
    settings = load_config("small.yaml", changes)
    return RatedConfig("small.yaml", changes, settings, Path(new)).text(RATE)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        (PLAIN, "0.05", "0.0316"),
        ("learning_rate:    5.0e-2  # a rate\n", "5.0e-2", "0.0316"),
        (SECTION, "0.05", "0.0316"),
        (CYCLE, "5e-2", "0.0316"),
        (PHASES, "0.05", "0.0316"),
        (NESTED, "0.05 # first", "0.0316 # first"),
        ("learning_rate: {schedule: constant, initial: 0.05}\n", "0.05", "0.0316"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_one_value_changes_and_nothing_else(section, old, new, ends, bom):
    text = bom + config(section).replace("\n", ends)
    assert text.count(old) == 1 or section is NESTED
    assert rated(text, newline="") == text.replace(old, new)


def test_a_whole_config_in_flow_style():
    text = config().replace("0.05", "{schedule: constant, initial: 0.05}")
    line = json.dumps(yaml.safe_load(text))
    assert rated(line) == line.replace("0.05", "0.0316")


def test_what_set_gives_is_there_too():
    text = config(SECTION)
    made = rated(text, "batch_size=32", "learning_rate.initial=1", "layers.conv1.filters=2")
    assert made == text.replace("batch_size: 64", "batch_size: 32").replace(
        "filters: 4", "filters: 2"
    ).replace("0.05", "0.0316")
    assert rated(config(), "record_steps=3") == config(PLAIN.replace("0.05", "0.0316")).replace(
        "{type: sgd, momentum: 0.9}\n", "{type: sgd, momentum: 0.9}\nrecord_steps: 3\n"
    )


@pytest.mark.parametrize("section", [PLAIN, SECTION, ""])
@pytest.mark.parametrize(
    "given", ["learning_rate=0.5", "learning_rate={schedule: cosine, initial: 1}"]
)
def test_a_rate_that_set_gives_is_put_there(section, given):
    text = config(section)
    made = rated(text, given)
    found = yaml.safe_load(made)["learning_rate"]
    assert found == ({"schedule": "cosine", "initial": RATE} if "cosine" in given else RATE)
    assert made.startswith(config("").partition("optimizer")[0])
    assert "optimizer: {type: sgd, momentum: 0.9}\n" in made


def test_relative_paths_stay_and_bind_the_file_to_its_folder(tmp_path):
    data = "data: {source: npz, path: 'some.npz', validation: 0.1}"
    text = config().replace("data: {source: digits, validation: 0.1}", data)
    assert "path: 'some.npz'" in rated(text)
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match=r"data.path would be .*/other/some.npz, not "):
        rated(text, new="other/new.yaml")
    made = rated(text, "data.path=here.npz", new="other/new.yaml")
    assert f"path: {tmp_path}/here.npz" in made
    assert not list(tmp_path.rglob(".tmp*"))


def test_a_config_that_has_changed_in_the_meantime_is_left_alone():
    Path("small.yaml").write_text(config())
    made = RatedConfig("small.yaml", [], load_config("small.yaml"), Path("new.yaml"))
    Path("small.yaml").write_text(config() + "# a thought\n")
    with pytest.raises(UsageError, match="small.yaml has changed in the meantime"):
        made.text(RATE)


def test_from_the_shell(cnntrain, monkeypatch):
    """In place only with --force; other files and those of runs are left alone."""
    text = config(SECTION)
    Path("small.yaml").write_text(text)
    done = cnntrain("lr-sweep", "small.yaml", *SHORT, "--apply", "small.yaml")
    assert (done.code, Path("runs").exists()) == (2, False)
    assert "small.yaml exists already, nothing was written (--force replaces it)" in done.err
    done = cnntrain("lr-sweep", "small.yaml", *SHORT, "--apply", "small.yaml", "--force")
    assert done.code == 0, done.err
    assert Path("small.yaml").read_text() == text  # 0.05 is the rate that is suggested
    given = ("--range-test", "--steps", "40", "--from", "1e-3", "--to", "0.5", "--run", "r")
    done = cnntrain("lr-sweep", "small.yaml", *given, "--apply", "tuned.yaml")
    assert done.code == 0, done.err
    (changed,) = set(Path("tuned.yaml").read_text().split("\n")) - set(text.split("\n"))
    assert changed.startswith('  "initial": ')
    done = cnntrain("lr-sweep", "-", *SHORT, "--apply", "new.yaml")
    assert done.code == 2
