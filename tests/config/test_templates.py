"""Names with parts from the config."""

import pytest

from cnntrain.config import load_config
from cnntrain.config.templates import fill
from cnntrain.errors import ConfigError, UsageError


@pytest.fixture
def config(digits):
    return load_config(digits)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("runs/plain", "runs/plain"),
        ("runs/{name}-{seed}", "runs/small-0"),
        ("{batch_size}/{learning_rate.initial}", "64/0.05"),
        ("{layers.0.filters}-{layers.0.type}", "4-conv"),
        ("{layers.conv1.filters}-{layers.dense1.init}", "4-he_normal"),
        ("{early_stopping}", "none"),
        ("{optimizer.momentum}", "0.9"),
        ("{drop_last}", "false"),
    ],
)
def test_keys_of_plain_values(config, template, filled):
    assert fill(template, config) == filled


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{sed}", r"unknown placeholder \{sed\} \(did you mean \{seed\}\?\)"),
        ("{layers.dense1.unit}", r"\(did you mean \{layers.dense1.units\}\?\)"),
        ("{layers.conv1.filter}", r"\(did you mean \{layers.conv1.filters\}\?\)"),
        ("{}", "unknown placeholder"),
        ("{optimizer}", "unknown placeholder"),
        ("{seed", "a brace without its other half"),
        ("seed}", "a brace without its other half"),
        ("{{seed}}", "a brace without its other half"),
    ],
)
def test_what_cannot_be_filled(config, template, message):
    with pytest.raises(UsageError, match=message):
        fill(template, config)


def test_values_that_would_make_other_folders_are_refused(digits):
    config = load_config(digits, overrides={"data": {"source": "npz", "path": "/data/x.npz"}})
    with pytest.raises(UsageError, match="which cannot be part of a name"):
        fill("runs/{data.path}", config)


def test_a_name_in_a_config_is_filled_after_all_overrides(digits):
    digits.write_text(digits.read_text().replace("name: small", 'name: "b{batch_size}-s{seed}"'))
    assert load_config(digits).name == "b64-s0"
    assert load_config(digits, overrides={"seed": 5, "batch_size": "full"}).name == "bfull-s5"


def test_a_wrong_name_is_reported_at_its_place(digits):
    digits.write_text(digits.read_text().replace("name: small", 'name: "x-{sed}"'))
    with pytest.raises(ConfigError, match=r"small.yaml:1:7: error: name: unknown placeholder"):
        load_config(digits)
    digits.write_text(digits.read_text().replace("x-{sed}", "-{seed}"))
    with pytest.raises(ConfigError, match=r"small.yaml:1:7: error: invalid name, found '-0'"):
        load_config(digits)
