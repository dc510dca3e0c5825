"""Networks in ONNX: every layer and option answers as here, by two evaluators."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import save

from cnntrain.data.input_range import InputRange
from cnntrain.errors import UsageError
from cnntrain.exports.onnx.rules import RULES
from cnntrain.exports.onnx.target import Onnx
from cnntrain.exports.program import Program
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.layers.layer import Layer

from .cases import KINDS, MODELS, far_from_zero, model, raw

NUMBERED = list(enumerate(MODELS))
BYTES = InputRange("uint8", 0.0, 255.0)


def written(program, **options):
    """The content of the file."""
    (content,) = Onnx(**options).write(program, "x").values()
    return content


def by_onnxruntime(content, given):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (outputs,) = session.run(None, {"input": given})
    return outputs


def test_every_layer_has_a_rule():
    assert set(RULES) == {kind for kind in LAYERS if issubclass(kind, Layer)}


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize(("number", "name"), NUMBERED)
def test_every_layer_and_option_answers_as_here(number, name, fold):
    layers, shape = MODELS[name]
    flip = len(shape) == 3 and number % 2 == 1
    net = model(layers, shape, KINDS[number % 3], flip=flip, inputs=BYTES)
    program = Program.of(net, fold=fold)
    content = written(program)
    assert content == written(program)
    for count in (1, 7):
        x = raw(net.network.input_shape, count)
        there = by_onnxruntime(content, program.raw(x))
        np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("number", "name"), NUMBERED)
def test_the_reference_evaluator_agrees(number, name):
    layers, shape = MODELS[name]
    net = model(layers, shape, flip=len(shape) == 3 and number % 3 == 0)
    program = Program.of(net, fold=number % 2 == 0)
    x = raw(net.network.input_shape, 2).astype(np.float32)
    there = Onnx().answer(Onnx().write(program, "x"), program.raw(x))
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "axes"),
    [("lenet", "NCHW"), ("residual", "NCHW"), ("signals", "NLC"), ("signals", "NCL")],
)
@pytest.mark.parametrize("kind", KINDS)
def test_raw_inputs_may_have_other_axes(name, axes, kind):
    net = model(*MODELS[name], kind, flip=True)
    program = replace(Program.of(net), axes=axes)
    x = raw(net.network.input_shape, 3).astype(np.float32)
    there = by_onnxruntime(written(program), program.raw(x))
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


def test_means_may_be_large_beside_deviations():
    net, x = far_from_zero(model(*MODELS["residual"]))
    program = Program.of(net)
    there = by_onnxruntime(written(program), program.raw(x))
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


def test_outputs_of_a_regression():
    net = model(*MODELS["dense"])
    content = written(replace(Program.of(net), class_names=None))
    made = onnx.load_model_from_string(content)
    assert made.graph.output[0].name == "outputs"
    assert "classes" not in {p.key for p in made.metadata_props}


@pytest.mark.parametrize("opset", [13, 18, 21])
@pytest.mark.parametrize("name", ["residual", "functions of one number", "normal", "smooth pool"])
def test_other_opsets_answer_alike(name, opset):
    net = model(*MODELS[name], flip=True)
    program = Program.of(net)
    content = written(program, opset=opset)
    made = onnx.load_model_from_string(content)
    assert made.opset_import[0].version == opset
    assert made.ir_version <= 10
    x = raw(net.network.input_shape, 3).astype(np.float32)
    there = by_onnxruntime(content, program.raw(x))
    np.testing.assert_allclose(there, net.outputs(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("opset", [1, 12, 10_000])
def test_an_opset_that_is_none_is_an_error(opset):
    with pytest.raises(UsageError, match=f"opset {opset}, expected 13 to "):
        written(Program.of(model(*MODELS["softmax"])), opset=opset)


def test_bytes_are_for_networks_that_were_trained_on_them():
    net = model(*MODELS["softmax"], inputs=InputRange("float32", 0.0, 1.0))
    with pytest.raises(UsageError, match="trained on inputs of type float32"):
        written(Program.of(net), input_type="uint8")
    of_bytes = Program.of(model(*MODELS["softmax"], inputs=BYTES))
    made = onnx.load_model_from_string(written(of_bytes, input_type="float32"))
    assert made.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_class_names_are_data():
    names = ('a"b', "it's", "new\nline", "\\", "\u202e 漢")
    net = model(*MODELS["softmax"])
    object.__setattr__(net, "class_names", names)
    made = onnx.load_model_from_string(written(Program.of(net)))
    (classes,) = (p.value for p in made.metadata_props if p.key == "classes")
    assert tuple(json.loads(classes)) == names


def test_a_run_from_the_shell(trained_once, tmp_path, cnntrain):
    file = tmp_path / "net.onnx"
    done = cnntrain("export", trained_once, "--to", "onnx", "-o", file, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["largest_difference"] < 1e-5
    content = file.read_bytes()
    assert str(tmp_path).encode() not in content
    made = onnx.load_model_from_string(content)
    assert [made.graph.input[0].name, made.graph.output[0].name] == ["input", "probabilities"]
    assert made.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    again = cnntrain("export", trained_once, "--to", "onnx", "-o", file)
    assert (again.code, again.err.count("\n")) == (2, 1)
    assert "exists already" in again.err
    other = cnntrain("export", trained_once, "--to", "torch", "--opset", 17)
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "--opset is an option of onnx" in other.err


def test_without_onnx_the_error_says_how_to_get_it(trained_once, tmp_path):
    code = (
        "import sys; sys.modules['onnx'] = sys.modules['onnx.reference'] = None\n"
        f"sys.argv = ['cnntrain', 'export', {str(trained_once)!r}, '--to', 'onnx']\n"
        "from cnntrain.__main__ import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr == ("cnntrain: error: ONNX files need onnx (pip install 'cnntrain[onnx]')\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("net.onnx", "an ONNX file (give the run that it was exported from"),
        ("net.pt", "a pickle, which may run code and is never read"),
        ("net.safetensors", "weights without a network (cnntrain import-weights makes a run of"),
    ],
)
def test_what_others_read_is_no_checkpoint(tmp_path, cnntrain, name, advice):
    content = save({"weight": np.zeros(3)}) if name == "net.safetensors" else bytes(range(99))
    (tmp_path / name).write_bytes(content)
    done = cnntrain("evaluate", tmp_path / name)
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert advice in done.err
