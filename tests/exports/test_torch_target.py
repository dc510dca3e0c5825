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
from cnntrain.exports.torch.names import TAKEN
from cnntrain.exports.torch.rules import RULES
from cnntrain.exports.torch.source import source
from cnntrain.exports.torch.target import Torch
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.layers.layer import Layer
from cnntrain.training.matching import fits, matching

from .cases import KINDS, MODELS, far_from_zero, model, raw

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


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", ["lenet", "residual", "of all kinds", "pools of their own"])
def test_it_is_compiled_and_scripted(torch, tmp_path, name):
    net = model(*MODELS[name], flip=True)
    program = Program.of(net)
    module = loaded(Torch().write(program, "x"), tmp_path).load()
    x = torch.from_numpy(program.raw(raw(net.network.input_shape, 3)))
    with torch.inference_mode():
        for other in (
            torch.compile(module, backend="eager", fullgraph=True),
            torch.jit.script(module),
        ):
            torch.testing.assert_close(other(x), module(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["lenet", "residual", "normal over the batch", "signals"])
def test_no_device_needs_double_precision(torch, tmp_path, name):
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            made = function(*args, **(kwargs or {}))
            for tensor in made if isinstance(made, tuple | list) else (made,):
                assert getattr(tensor, "dtype", None) != torch.float64, function
            return made

    net = model(*MODELS[name])
    program = Program.of(net, fold=False)
    module = loaded(Torch().write(program, "x"), tmp_path).load()
    x = torch.from_numpy(program.raw(raw(net.network.input_shape, 2)))
    with Watch(), torch.inference_mode():
        module(x)
        module(x.float())


def test_words_of_modules_and_of_python_are_no_layers(torch, tmp_path):
    taken = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert taken - {"dump_patches"} <= TAKEN
    net = model(*MODELS["dense"])
    program = Program.of(net)
    words = ("half", "logits", "lambda", "mean", "a-b", "a_b")
    steps = [replace(s, name=name) for s, name in zip(program.steps, words, strict=False)]
    program = replace(program, steps=[*steps, *program.steps[len(steps) :]])
    x = raw(net.network.input_shape, 3)
    with torch.inference_mode():
        module = loaded(Torch().write(program, "x"), tmp_path).load()
        there = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)
    assert {"half_", "lambda_"} < set(dict(module.named_children()))


@pytest.mark.parametrize(
    "run", ["none", "f", "residual", "repeat", "module", "model_1", "torch", "nn"]
)
def test_runs_may_have_any_names(torch, tmp_path, run):
    net = model(*MODELS["residual"])
    program = Program.of(net)
    x = raw(net.network.input_shape, 3)
    with torch.inference_mode():
        module = loaded(Torch().write(program, run), tmp_path).load()
        there = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


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


@pytest.mark.parametrize("name", ["residual", "residual at both ends", "signals", "normal"])
def test_the_names_of_its_weights_lead_back(name):
    net = model(*MODELS[name])
    files = Torch().write(Program.of(net, fold=False), "x")
    here = {
        **net.network.named_parameters(net.w),
        **net.network.named_buffers(net.buffers),
    }
    there = arrays_of(files["model.safetensors"])
    found = matching(there, here, whole=True)
    assert (found.by, found.names.keys(), found.left) == ("name", here.keys(), ())
    for key, array in here.items():
        held = there[found.names[key]]
        assert fits(held, array.shape)
        np.testing.assert_array_equal(held.reshape(array.shape), array)


def test_means_may_be_large_beside_deviations(torch, tmp_path):
    net, x = far_from_zero(model(*MODELS["residual"]))
    program = Program.of(net)
    assert len(program.mean_parts) == 2
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


@pytest.mark.parametrize(
    "name", ["lenet", "residual", "residual at both ends", "normal over the batch", "smooth pool"]
)
def test_what_is_written_is_formatted(name):
    text = source(Program.of(model(*MODELS[name]), fold=False), "some_run").text
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
