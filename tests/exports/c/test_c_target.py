"""Networks in C: every layer and option answers as here, with several compilers, and on ARM."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from cnntrain.exports.c.calls import RULES
from cnntrain.exports.c.target import C
from cnntrain.exports.program import Program
from cnntrain.nn.layers import LAYERS, Dropout, Flatten
from cnntrain.nn.layers.joints import Branch, Sum, Turn
from cnntrain.nn.layers.layer import Layer

from ..cases import MODELS, far_from_zero, model
from .builds import WARNINGS, Export, check, program_of

FEW = ("lenet", "residual", "signals", "strides and holes", "of all kinds")
SANITIZED = ["-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
ARM = ["arm-linux-gnueabihf-gcc", "-O2", "-static"]
CORTEX = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-O2"]

needs_compiler = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")


def exports(names=MODELS, form=None):
    """All of them, and those with normalisations unfolded as well; options go round."""
    made = [
        Export(number, MODELS[name], form, fold)
        for number, (name, fold) in enumerate((n, f) for n in names for f in (True, False))
    ]
    return [one for k, one in enumerate(made) if k % 2 == 0 or _has_norm(one)]


def _has_norm(export):
    return "batch_norm" in export.files["model.c"].decode()


def test_every_layer_has_a_rule():
    kinds = {kind for kind in LAYERS if issubclass(kind, Layer)}
    assert set(RULES) == kinds - {Dropout, Flatten, Branch, Turn} | {Sum}


@needs_compiler
def test_some_networks_answer_as_here(tmp_path):
    some = exports(FEW)
    check(some, [program_of(some, tmp_path, ["gcc", "-O1"])])


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("turn", range(2))
@pytest.mark.parametrize("int8", [False, True])
def test_every_layer_and_option_answers_as_here(tmp_path, int8, turn):
    names = list(MODELS)
    every = exports(names[turn:] + names[:turn], C(int8=int8))
    check(every, [program_of(every, tmp_path, ["gcc", *SANITIZED])])


@pytest.mark.system
@pytest.mark.parametrize("int8", [False, True])
def test_every_layer_and_option_answers_on_arm(tmp_path, int8):
    every = exports(form=C(int8=int8))
    check(every, ["qemu-arm", program_of(every, tmp_path, ARM)])


@pytest.mark.system
def test_every_layer_and_option_with_clang(tmp_path):
    every = exports()
    check(every, [program_of(every, tmp_path, ["clang", "-O2"])])


@pytest.mark.system
@pytest.mark.parametrize("name", FEW)
def test_a_microcontroller_needs_the_memory_that_is_said(tmp_path, name):
    export = Export(1, MODELS[name])
    source = export.write(tmp_path)
    command = [*CORTEX, *WARNINGS, "-Wstack-usage=512", "-c", str(source), "-o", "model.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    size = subprocess.run(
        ["arm-none-eabi-size", "model.o"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    _, data, bss, *_ = map(int, size.stdout.splitlines()[1].split()[:4])
    said = int(export.files["model.h"].decode().split("_MEMORY ")[1].split()[0])
    assert data == 0
    assert bss == said
    assert export.form.notes(export.program)[0].startswith(f"{said} bytes of static memory")


@needs_compiler
def test_class_names_are_data(tmp_path):
    names = ('a"b\\', "new\nline\0", "??/ */ // %s", "漢\u202e", "long" * 2000)
    export = Export(0, MODELS["softmax"])
    files = C(main=True).write(replace(export.program, class_names=names), "int")
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    (tmp_path / "names.c").write_text(
        '#include <stdio.h>\n#include "model.h"\nint main(void) {\n'
        '    for (int k = 0; k < INT_OUTPUTS; k++) printf("%s|", int_classes[k]);\n'
        "    return 0;\n}\n"
    )
    command = ["gcc", *WARNINGS, "model.c", "names.c", "-lm", "-o", "names"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "names"], capture_output=True, check=True)
    assert done.stdout.decode().split("|")[:-1] == [name.partition("\0")[0] for name in names]


@needs_compiler
def test_layers_may_have_any_names(tmp_path):
    export = Export(0, MODELS["dense"])
    words = ("input", "int", "a-b", "a/b", "a_b", "a_b_2", "memory")
    steps = [replace(s, name=name) for s, name in zip(export.program.steps, words, strict=False)]
    export.files = C().write(replace(export.program, steps=steps), export.name)
    check([export], [program_of([export], tmp_path, ["gcc"])])


@needs_compiler
def test_means_may_be_large_beside_deviations():
    net, x = far_from_zero(model(*MODELS["residual"]))
    program = Program.of(net)
    files = C().write(program, "x")
    assert b"double" not in files["model.c"]
    np.testing.assert_allclose(C().answer(files, program.raw(x)), net.outputs(x), rtol=0, atol=1e-5)


@needs_compiler
def test_outputs_of_a_regression(tmp_path):
    export = Export(1, MODELS["dense"])
    files = C(main=True).write(replace(export.program, class_names=None), "x")
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    assert b"classes" not in files["model.h"] + files["model.c"]
    command = ["gcc", *WARNINGS, "model.c", "main.c", "-lm", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    one = export.given[0].tobytes()
    done = subprocess.run([tmp_path / "main"], input=one, capture_output=True, check=True)
    found = np.array(done.stdout.split(), np.float32)
    np.testing.assert_allclose(found, export.expected[0], rtol=0, atol=1e-5)


@needs_compiler
def test_main_takes_one_raw_input(tmp_path):
    export = Export(0, MODELS["lenet"], C(main=True))
    export.write(tmp_path)
    folder = tmp_path / export.name
    command = ["gcc", *WARNINGS, "model.c", "main.c", "-lm", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True)
    for given, code in ((b"", 2), (export.given[0].tobytes(), 0), (export.given.tobytes(), 2)):
        done = subprocess.run([folder / "main"], input=given, capture_output=True, text=False)
        assert done.returncode == code
        if code:
            than = "less" if not given else "more"
            assert done.stderr.decode() == f"found {than} than the 784 bytes of one input\n"
            continue
        first, *rows = done.stdout.decode().splitlines()
        assert first == export.model.class_names[export.expected[0].argmax()]
        shown = [float(row.split()[0]) for row in rows]
        np.testing.assert_allclose(shown, export.expected[0], rtol=0, atol=2e-5)


@pytest.mark.parametrize("int8", [False, True])
def test_the_same_run_gives_the_same_bytes(int8):
    net = model(*MODELS["residual"])
    form = C(int8=int8)
    files = [form.write(Program.of(form.held(net)), "x") for _ in range(2)]
    assert files[0] == files[1]
    assert b"checkpoint.safetensors" not in b"".join(files[0].values())


@pytest.mark.parametrize("options", [[], ["--int8", "--main"]])
def test_a_run_from_the_shell(trained_once, tmp_path, cnntrain, options):
    folder = tmp_path / "out"
    done = cnntrain("export", trained_once, "--to", "c", "-o", folder, "--json", *options)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["largest_difference"] < 1e-5
    assert "bytes of static memory" in said["notes"][0]
    assert ("validation samples" in " ".join(said["notes"])) == bool(options)
    assert (folder / "main.c").exists() == bool(options)


def test_without_a_compiler(trained_once, tmp_path, cnntrain, monkeypatch):
    monkeypatch.setenv("CC", "/nowhere/cc")
    done = cnntrain("export", trained_once, "--to", "c", "-o", tmp_path / "out")
    assert done.code == 0
    assert "not compared with predict: /nowhere/cc: No such file or directory" in done.err


def test_options_of_another_form(trained_once, cnntrain):
    done = cnntrain("export", trained_once, "--to", "torch", "--int8")
    assert done.code == 2
    assert "--int8 is an option of c, found the form torch" in done.err
