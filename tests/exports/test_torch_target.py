"""Networks in PyTorch: every layer and option answers as here."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load as arrays_of

from cnntrain.errors import UsageError
from cnntrain.exports.program import Program
from cnntrain.exports.torch.rules import RULES
from cnntrain.exports.torch.source import source
from cnntrain.exports.torch.target import Torch
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.layers.layer import Layer

from .cases import KINDS, MODELS, model, raw

NUMBERED = list(enumerate(MODELS))


def loaded(files, folder):
    """The module in those files."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    spec = importlib.util.spec_from_file_location("exported", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_layer_has_a_rule():
    assert set(RULES) == {kind for kind in LAYERS if issubclass(kind, Layer)}


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize(("number", "name"), NUMBERED)
def test_every_layer_and_option_answers_as_here(torch, tmp_path, number, name, fold):
    layers, shape = MODELS[name]
    flip = len(shape) == 3 and number % 2 == 1
    net = model(layers, shape, KINDS[number % 3], flip=flip)
    program = Program.of(net, fold=fold)
    files = Torch().write(program, "x")
    assert files == Torch().write(program, "x")
    module = loaded(files, tmp_path).load()
    for count in (1, 7):
        x = raw(net.network.input_shape, count)
        for given in (x, x.astype(np.float32)):
            with torch.inference_mode():
                there = module(torch.from_numpy(program.raw(given))).numpy()
            np.testing.assert_allclose(there, net.outputs(given), rtol=0, atol=1e-5)
    state = module.state_dict()
    assert set(state) == set(arrays_of(files["model.safetensors"]))


@pytest.mark.parametrize(
    ("name", "axes"),
    [("lenet", "NCHW"), ("residual", "NCHW"), ("signals", "NLC"), ("signals", "NCL")],
)
@pytest.mark.parametrize("kind", KINDS)
def test_raw_inputs_may_have_other_axes(torch, tmp_path, name, axes, kind):
    net = model(*MODELS[name], kind, flip=True)
    program = replace(Program.of(net), axes=axes)
    x = raw(net.network.input_shape, 3)
    with torch.inference_mode():
        module = loaded(Torch().write(program, "x"), tmp_path).load()
        there = module(torch.from_numpy(program.raw(x))).numpy()
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


def test_what_pytorch_cannot_run_is_refused(torch):
    net = model(*MODELS["softmax"])
    program = Program.of(net)
    files = {**Torch().write(program, "x"), "model.py": b"def load(): raise OSError('no weights')"}
    with pytest.raises(UsageError, match=r"PyTorch cannot run what was made: OSError: no weights"):
        Torch().answer(files, program.raw(raw(net.network.input_shape)))


def test_it_trains_on_in_pytorch(torch, tmp_path):
    net = model(*MODELS["normal over the batch"])
    program = Program.of(net, fold=False)
    module = loaded(Torch().write(program, "x"), tmp_path).load().train()
    x = torch.from_numpy(program.raw(raw(net.network.input_shape, 7)))
    before = module.conv1.weight.clone()
    (-module(x)[:, 0].log().mean()).backward()
    torch.optim.SGD(module.parameters(), 0.1).step()
    assert not torch.equal(module.conv1.weight, before)


def test_class_names_are_data(torch, tmp_path):
    names = ('a"b', "it's", "new\nline", "\\", "both \" and ' \u202e 漢")
    net = model(*MODELS["softmax"])
    object.__setattr__(net, "class_names", names)
    assert list(names) == loaded(Torch().write(Program.of(net), "x"), tmp_path).CLASSES


@pytest.mark.parametrize("name", ["lenet", "residual", "normal over the batch", "smooth pool"])
def test_what_is_written_is_formatted(name):
    text = source(Program.of(model(*MODELS[name]), fold=False), "some_run")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert done.stdout == text


def test_a_run_from_the_shell(torch, trained_once, tmp_path, cnntrain):
    folder = tmp_path / "out"
    done = cnntrain("export", trained_once, "--to", "torch", "-o", folder, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["largest_difference"] < 1e-5
    assert sorted(path.name for path in folder.iterdir()) == ["model.py", "model.safetensors"]
    among = cnntrain("export", trained_once, "--to", "torch", "-o", trained_once / "out")
    assert (among.code, among.err.count("\n")) == (2, 1)
    assert "would be among the files of a run" in among.err
    assert not (trained_once / "out").exists()
