"""`cnntrain init` and `cnntrain schema`."""

import json

import pytest

from cnntrain.config import load_config
from cnntrain.resources import bundled

STARTERS = sorted(path.stem for path in bundled("configs").glob("*.yaml"))


def test_without_a_name_the_starters_are_listed(cnntrain):
    lines = cnntrain("init").out.splitlines()
    assert [line.split()[0] for line in lines] == STARTERS
    assert {"digits", "fashion-lenet", "fashion-small", "regression"} <= set(STARTERS)
    assert all(len(line.split()) > 2 for line in lines)


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_a_valid_config(cnntrain, tmp_path, name):
    path = tmp_path / "starter.yaml"
    path.write_text(cnntrain("init", name).out)
    assert load_config(path).name == name


def test_an_existing_file_is_never_overwritten(cnntrain, tmp_path):
    path = tmp_path / "mine.yaml"
    assert cnntrain("init", "digits", "-o", path).code == 0
    written = path.read_text()
    assert load_config(path).name == "digits"
    path.write_text("precious")
    result = cnntrain("init", "digits", "-o", path)
    assert result.code == 2
    assert "exists already" in result.err
    assert path.read_text() == "precious"
    assert written.startswith("# yaml-language-server")


def test_an_unknown_starter_suggests_the_nearest(cnntrain):
    result = cnntrain("init", "digit")
    assert result.code == 2
    assert "did you mean digits?" in result.err


def test_schema_prints_a_json_schema(cnntrain):
    schema = json.loads(cnntrain("schema").out)
    assert schema["$schema"].startswith("http://json-schema.org/draft-07")
    assert "layers" in schema["properties"]
