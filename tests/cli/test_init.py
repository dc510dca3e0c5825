"""`cnntrain init` and `cnntrain schema`."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cnntrain.config import load_config
from cnntrain.resources import bundled

STARTERS = sorted(path.stem for path in bundled("configs").glob("*.yaml"))
SCRIPTS = sorted(path.name for path in bundled("configs").glob("*.py"))


def test_without_a_name_the_starters_are_listed(cnntrain):
    lines = cnntrain("init").out.splitlines()
    assert [line.split()[0] for line in lines] == STARTERS + SCRIPTS
    assert {"digits", "fashion-lenet", "fashion-small", "regression"} <= set(STARTERS)
    assert all(len(line.split()) > 2 for line in lines)


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_a_valid_config(cnntrain, tmp_path, name):
    path = tmp_path / "starter.yaml"
    path.write_text(cnntrain("init", name).out)
    assert load_config(path).name == name


def test_the_data_of_the_regression_can_be_made_as_its_comment_says(
    cnntrain, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    config = cnntrain("init", "regression", "-o", "regression.yaml")
    assert config.code == 0
    (tmp_path / "blobs.py").write_text(cnntrain("init", "blobs.py").out)
    subprocess.run([sys.executable, "blobs.py", "blobs.npz"], check=True)
    assert "init blobs.py > blobs.py && python blobs.py" in Path("regression.yaml").read_text()
    assert cnntrain("describe", "regression.yaml").code == 0


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A directory of pictures of three classes, which is looked through and not decoded."""
    monkeypatch.chdir(tmp_path)
    for name in ("cat", "dog", "elk"):
        (tmp_path / 'my "pictures"' / name).mkdir(parents=True)
        (tmp_path / 'my "pictures"' / name / "1.jpg").touch()
    return tmp_path / 'my "pictures"'


def test_the_starter_for_pictures_takes_a_directory(cnntrain, pictures, tmp_path):
    assert cnntrain("init", "images", pictures.name, "-o", "mine.yaml").code == 0
    config = load_config("mine.yaml")
    assert config.data.directory == str(pictures)
    assert config.layers[-2].units == 3
    assert (config.data.validation, config.data.test) == (0.1, 0.1)
    (tmp_path / "configs").mkdir()
    cnntrain("init", "images", pictures.name, "-o", "configs/mine.yaml")
    assert load_config("configs/mine.yaml").data.directory == str(pictures)
    assert cnntrain("init", "images", pictures.name).out == Path("mine.yaml").read_text()


@pytest.mark.parametrize("name", ["p", "pics", "photographs", "no", "-a: b #", "x" * 30])
def test_comments_stay_aligned_beside_a_directory(cnntrain, pictures, tmp_path, name):
    pictures.rename(tmp_path / name)
    lines = cnntrain("init", "images", "--", name).out.splitlines()
    place = next(line for line in lines if "directory:" in line)
    source = next(line for line in lines if "source:" in line)
    assert yaml.safe_load(place) == {"directory": name}
    assert len(name) > 15 or place.rindex(" #") == source.rindex(" #")


def test_the_starter_for_pictures_knows_their_parts(cnntrain, pictures, tmp_path):
    (tmp_path / "parts").mkdir()
    pictures.rename(tmp_path / "parts" / "train")
    (tmp_path / "parts" / "test" / "cat").mkdir(parents=True)
    (tmp_path / "parts" / "test" / "cat" / "2.jpg").touch()
    assert cnntrain("init", "images", "parts", "-o", "mine.yaml").code == 0
    data = load_config("mine.yaml").data
    assert (data.validation, data.test) == (0.1, "none")


def test_other_starters_take_no_directory_and_pictures_must_be_there(cnntrain, pictures):
    assert "digits takes no DIRECTORY" in cnntrain("init", "digits", pictures).err
    result = cnntrain("init", "images", "nowhere")
    assert result.code == 3
    assert "no file nowhere" in result.err
    Path("a file").touch()
    result = cnntrain("init", "images", "a file")
    assert result.code == 3
    assert "a file is a file, expected a directory" in result.err


def test_an_existing_file_is_never_overwritten(cnntrain, tmp_path):
    path = tmp_path / "mine.yaml"
    assert cnntrain("init", "digits", "-o", path).code == 0
    assert load_config(path).name == "digits"
    path.write_text("precious")
    result = cnntrain("init", "digits", "-o", path)
    assert result.code == 2
    assert "exists already" in result.err
    assert path.read_text() == "precious"


def test_an_unknown_starter_suggests_the_nearest(cnntrain):
    result = cnntrain("init", "digit")
    assert result.code == 2
    assert "did you mean digits?" in result.err


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_names_no_file_that_is_not_there(cnntrain, name):
    """An editor shows an error on a config whose schema it cannot load."""
    assert "$schema" not in cnntrain("init", name).out


def test_the_help_of_schema_says_how_an_editor_finds_it(digits, cnntrain):
    """The line that it gives names the file that its command writes, and a config takes it."""
    told = cnntrain("schema", "--help").out
    written = re.search(r"cnntrain schema > (\S+)", told)[1]
    line = re.search(r"# yaml-language-server: \$schema=\./(\S+)", told)
    assert line[1] == written
    digits.write_text(f"{line[0]}\n{digits.read_text()}")
    assert load_config(digits).name == "small"


def test_schema_prints_a_json_schema(cnntrain):
    schema = json.loads(cnntrain("schema").out)
    assert schema["$schema"].startswith("http://json-schema.org/draft-07")
    assert "layers" in schema["properties"]
