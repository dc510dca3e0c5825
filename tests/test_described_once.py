"""A new layer, optimizer, schedule, source or augmentation is one class and one line.

The toys are registered for these tests alone.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cnntrain
from cnntrain.config import json_schema, load_config
from cnntrain.config.reference import Reference, markdown
from cnntrain.data.augment import AUGMENTATIONS
from cnntrain.data.sources import SOURCES
from cnntrain.errors import ConfigError
from cnntrain.nn.layers import LAYERS
from cnntrain.optim.methods import OPTIMIZERS
from cnntrain.optim.schedules import SCHEDULES

from .layer_contracts import CONTRACTS

FAMILIES = (AUGMENTATIONS, LAYERS, OPTIMIZERS, SCHEDULES, SOURCES)
KINDS = {"Scale": "scale", "SignDescent": "sign_descent", "Sawtooth": "sawtooth"}
KINDS |= {"Checks": "checks", "Transpose": "transpose"}

CONFIG = """
data: {source: checks, count: 60, validation: 0.2, test: 0.2}
augment: [{type: transpose}]
layers:
  - {type: flatten}
  - {type: scale, start: 0.5}
  - {type: dense, units: 2}
  - {type: softmax}
loss: cross_entropy
batch_size: 8
epochs: 3
optimizer: {type: sign_descent}
learning_rate: {schedule: sawtooth, initial: 0.01}
"""


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """The toys, registered by their module as it is imported, and forgotten after the test."""
    for family in FAMILIES:
        monkeypatch.setattr(family, "kinds", dict(family.kinds))
        monkeypatch.setattr(family, "_adapter", None)
    from . import toys

    return importlib.reload(toys)


@pytest.fixture
def config(tmp_path, monkeypatch) -> Path:
    """The file of a config that uses all of them."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "toys.yaml"
    path.write_text(CONFIG)
    return path


def problem(config: Path, old: str, new: str) -> str:
    """The one line about the config with something replaced in it."""
    assert old in CONFIG
    config.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    (line,) = caught.value.problems
    return line


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize("shape", [(5,), (2, 3, 4)], ids=str)
def test_the_layer_keeps_the_contracts(toys, contract, shape):
    contract(toys.Scale(), shape, lambda layer, x, w, i: w["weight"][0] * x)


def test_a_run_with_them_can_be_repeated_resumed_evaluated_and_loaded(config):
    summary = cnntrain.fit(config, run="runs/straight")
    assert summary.epochs == 3
    cnntrain.fit(load_config(config, {"max_minutes": 1e-9}), run="runs/stopped")
    cnntrain.fit(config, run="runs/stopped", resume=True)
    for name in ("metrics.csv", "checkpoints/last.safetensors"):
        assert Path("runs/straight", name).read_bytes() == Path("runs/stopped", name).read_bytes()
    assert cnntrain.evaluate("runs/straight").zero_one_error == 0
    model = cnntrain.load_model("runs/straight")
    assert model.network.named_parameters(model.w)["scale1/weight"].shape == (1,)
    again = load_config("runs/straight/config.yaml")
    assert again == load_config(config, {"name": again.name})
    assert cnntrain.Run("runs/straight").metrics["learning_rate"] == pytest.approx(
        [0.01 * (1 - 4 / 5 / 2)] * 3
    )


def test_the_schema_and_the_reference_describe_them():
    assert set(KINDS) <= set(json_schema()["definitions"])
    text = markdown([], list(Reference().sections()))
    assert "#### `layers` with `type: scale`" in text
    assert "Every entry times one learned number" in text
    assert "| `start` | a number > 0 | `1.0` | The number at first. |" in text
    entries, _ = Reference().find("learning_rate.sawtooth.initial")
    assert [entry.about for entry in entries] == ["The learning rate at the start of an epoch."]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: scale", "type: scael", "did you mean scale?"),
        ("type: scale", "type: Gain", "did you mean scale?"),
        ("start: 0.5", "factor: 0.5", "unknown key layers.1.factor (did you mean start?)"),
        ("start: 0.5", "start: 0", "invalid layers.1.start, found 0, expected a number > 0"),
        ("sign_descent}", "signdescent}", "did you mean sign_descent?"),
        ("initial: 0.01", "lr: 0.01", "unknown key learning_rate.lr (did you mean initial?)"),
        ("schedule: sawtooth", "schedule: sawtoth", "did you mean sawtooth?"),
        ("count: 60", "samples: 60", "unknown key data.samples (did you mean count?)"),
        ("type: transpose", "type: transposed", "did you mean transpose?"),
        ("source: checks", "source: cheks", "did you mean checks?"),
    ],
)
def test_errors_know_them(config, old, new, said):
    assert said in problem(config, old, new)


def test_a_method_that_needs_a_directional_derivative_refuses_a_layer_without_one(config):
    with pytest.raises(ConfigError, match=r"hessian_free needs .* layers.1 \(scale1\) has none"):
        cnntrain.fit(load_config(config, {"optimizer": {"type": "hessian_free"}}))


def test_the_command_line_knows_them(config):
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import toys; "
        code += "from cnntrain.cli.main import main; main()"
        return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)

    described = command("describe", str(config))
    assert re.search(r"scale1 +scale +16 +1\b", described.stdout), described.stdout
    done = command("fit", str(config), "--json", "--quiet")
    assert json.loads(done.stdout)["status"] == "finished", done.stderr
    assert "Every entry times one learned number" in command("reference", "layers.scale").stdout


def test_weight_decay_acts_on_what_the_layer_names(config):
    network = cnntrain.build_network(load_config(config), input_shape=(4, 4, 1), outputs=2)
    w = network.initial_parameters(0)
    assert [np.arange(w.size)[part].tolist()[0] for part in network.layout.decayed_parts] == [0, 1]
