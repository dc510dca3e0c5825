"""`cnntrain import-weights`: a run that has trained no epoch, for every command that reads runs."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from cnntrain import Run, load_model
from cnntrain.cli.main import COMMANDS
from cnntrain.runs.lock import locked

from ..run_files import all_digests, digests, events

SHAPES = {
    "net.0.weight": (4, 1, 3, 3),
    "net.0.bias": (4,),
    "net.10.weight": (10, 36),
    "net.10.bias": (10,),
}


def arrays(**changed):
    """A state_dict for the network of small.yaml; some arrays changed or, by None, left out."""
    random = np.random.default_rng(0)
    made = {name: random.standard_normal(shape).astype("f") for name, shape in SHAPES.items()}
    given = {f"net.{name.replace('_', '.')}": array for name, array in changed.items()}
    return {name: array for name, array in {**made, **given}.items() if array is not None}


@pytest.fixture
def weights(digits):
    """The file, beside small.yaml."""
    path = digits.with_name("net.safetensors")
    path.write_bytes(save(arrays()))
    return path.name


@pytest.fixture
def imported(weights, digits, cnntrain):
    """The run made of it."""
    assert cnntrain("import-weights", weights, "--into", digits).code == 0
    return Path("runs/small")


def test_a_table_says_what_went_where(weights, digits, cnntrain):
    done = cnntrain("import-weights", weights, "--into", digits)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "in the file    shape    in the network  shape\n"
        "net.0.weight   4x1x3x3  conv1/weight    4x1x3x3\n"
        "net.0.bias     4        conv1/bias      4\n"
        "net.10.weight  10x36    dense1/weight   10x36\n"
        "net.10.bias    10       dense1/bias     10\n"
        "\n"
        "run        runs/small\n"
        "status     imported: 4 arrays of net.safetensors, by order\n"
    )
    summary = Run("runs/small").summary
    assert (summary.status, summary.epochs, summary.exit_code) == ("imported", 0, 0)
    model = load_model("runs/small")
    np.testing.assert_array_equal(
        model.network.named_parameters(model.w)["dense1/weight"], arrays()["net.10.weight"]
    )


def test_as_json(weights, digits, cnntrain):
    done = cnntrain("import-weights", weights, "--into", digits, "--run", "runs/{seed}", "--json")
    found = json.loads(done.out)
    assert (found["run"], found["by"], found["warnings"]) == ("runs/0", "order", [])
    assert found["arrays"][0] == {
        "there": "net.0.weight",
        "here": "conv1/weight",
        "there_shape": [4, 1, 3, 3],
        "here_shape": [4, 1, 3, 3],
        "fits": True,
    }


COMMAND_LINES = {
    "fit": "fit --resume --run RUN --quiet",
    "watch": "watch RUN",
    "evaluate": "evaluate RUN --split validation",
    "report": "report RUN",
    "compare": "compare RUN RUN/../other",
    "predict": "predict RUN x.npy",
    "export": "export RUN --to c -o c",
    "import-weights": "import-weights RUN --into RUN --run runs/third",
    "inspect": "inspect RUN",
    "describe": "describe RUN",
    "schedule": "schedule RUN",
    "trace": "trace RUN",
    "check-gradients": "check-gradients RUN",
    "bench": "bench RUN",
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_takes_the_run(weights, digits, cnntrain, command):
    """All but `control`, which asks for a live one, and those that take configs alone."""
    cnntrain("import-weights", weights, "--into", digits)
    cnntrain("import-weights", weights, "--into", digits, "--run", "runs/other")
    np.save("x.npy", np.zeros((2, 8, 8, 1), np.uint8))
    if command.name == "control":
        done = cnntrain("control", "runs/small", "stop")
        assert (done.code, done.err.count("\n")) == (10, 1)
    elif "RUN" in str([p.metavar for p in command.params]) or command.name in COMMAND_LINES:
        line = COMMAND_LINES[command.name].replace("RUN", "runs/small")
        done = cnntrain(*line.split())
        assert done.code == 0, done.err


def test_it_stands_in_tables_and_pages_as_what_it_is(imported, cnntrain):
    assert cnntrain("watch", imported).out == (
        "runs/small  imported: weights of net.safetensors, by order\n"
    )
    assert re.search(r"runs/small +imported +0 +- ", cnntrain("compare", imported).out)
    cnntrain("report", imported)
    assert "imported: weights of net.safetensors" in Path(imported, "report.html").read_text()


def test_training_goes_on_as_one_that_began_with_the_file(imported, weights, digits, cnntrain):
    assert cnntrain("fit", "--resume", "--run", imported, "--quiet").code == 0
    start = ("--set", f"start_from={weights}", "--run", "straight")
    assert cnntrain("fit", digits, *start, "--quiet").code == 0
    assert digests(imported).items() >= digests(Path("straight")).items()
    assert [event["event"] for event in events(imported)][:3] == ["start", "stop", "resume"]


def test_settings_may_be_forced_upon_it(imported, cnntrain):
    change = ("--set", "batch_size=32", "--set", "epochs=1", "--allow-changes", "--quiet")
    assert cnntrain("fit", "--resume", "--run", imported, *change).code == 0
    assert (imported / "checkpoints/epoch-0000.safetensors").exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"10_weight": np.ones((10, 35), "f")}, "net.10.weight 10x35 does not fit dense1/weight"),
        ({"10_bias": None}, "nothing in it for dense1/bias 10"),
        ({"10_weight": None, "10_bias": None}, "nothing in it for dense1/weight 10x36"),
        ({"11_weight": np.ones((10, 10), "f")}, "net.11.weight 10x10 has no place in the network"),
        ({"0_weight": np.ones((4, 1, 3, 3), "i4")}, "net.0.weight 4x1x3x3 is not of floating"),
    ],
    ids=["shape", "bias", "layer", "left", "integers"],
)
def test_the_first_misfit_ends_it(weights, digits, cnntrain, changed, told):
    Path(weights).write_bytes(save(arrays(**changed)))
    done = cnntrain("import-weights", weights, "--into", digits)
    *shown, error = done.err.splitlines()
    assert (done.code, done.out) == (4, "")
    assert shown[0].split() == ["in", "the", "file", "shape", "in", "the", "network", "shape"]
    assert [line.endswith("does not fit") for line in shown if "..." not in line][-2:] == [
        False,
        True,
    ]
    assert f"cnntrain: error: net.safetensors: by order, {told}" in error
    assert not Path("runs/small").exists()


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("net.pt", b"PK", 4, "a pickle, which may run code and is never read"),
        ("net.onnx", b"\x08", 4, "an ONNX file (give the run that it was exported from"),
        ("net.npz", b"PK\x03\x04", 4, "not a cnntrain checkpoint"),
        ("net.safetensors", save(arrays())[:-1], 4, "its header claims"),
        ("nan", save(arrays(**{"0_bias": np.full(4, np.nan, "f")})), 4, "not finite in float32"),
        ("large", save(arrays(**{"0_bias": np.full(4, 1e300)})), 4, "not finite in float32"),
        ("short", save(arrays()).replace(b'"F32"', b'"I16"'), 4, "damaged: "),
        ("nothing", None, 10, "no run or checkpoint at nothing"),
    ],
)
def test_files_that_cannot_be_read(digits, cnntrain, name, content, code, told):
    if content is not None:
        Path(name).write_bytes(content)
    done = cnntrain("import-weights", name, "--into", digits)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert told in done.err
    assert not Path("runs/small").exists()


def test_what_an_export_has_folded_away_is_missed(weights, digits, cnntrain):
    digits.write_text(digits.read_text().replace("- {type: relu}", "- batch_norm\n  - relu", 1))
    done = cnntrain("import-weights", weights, "--into", digits)
    assert done.code == 4
    assert done.err.splitlines()[-1] == (
        "cnntrain: error: net.safetensors: by order, nothing in it for batch_norm1/weight 4; "
        "nothing was written (an export without folding keeps batch normalisation)"
    )


def test_a_doubtful_order_is_a_warning_of_the_run(digits, cnntrain):
    layers = [{"type": "dense", "units": 64, "bias": False} for _ in range(2)]
    last = {"type": "dense", "units": 10, "bias": False}
    change = ("--set", f"layers={json.dumps(['flatten', *layers, last, 'softmax'])}")
    shapes = {"stem": (64, 64), "hidden": (64, 64), "top": (10, 64)}
    made = {f"{name}.weight": np.ones(shape, "f") for name, shape in shapes.items()}
    Path("net.safetensors").write_bytes(save(made))
    done = cnntrain("import-weights", "net.safetensors", "--into", digits, *change)
    (warning,) = Run("runs/small").summary.warnings
    assert warning.startswith("net.safetensors: the alphabet alone puts hidden before stem: ")
    assert (done.code, done.err) == (0, f"warning: {warning}\n")


def test_a_type_that_numpy_has_not_is_named(digits, cnntrain):
    header = b'{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    Path("bf16").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    done = cnntrain("import-weights", "bf16", "--into", digits)
    assert done.code == 4
    assert done.err == (
        "cnntrain: error: bf16: it holds BF16, expected F32, F16 or F64 "
        "(model.float().state_dict() has F32)\n"
    )


def test_a_run_that_is_there_stays_unless_it_may_go(imported, weights, digits, cnntrain):
    before = all_digests(imported)
    line = ("import-weights", weights, "--into", digits)
    done = cnntrain(*line)
    assert (done.code, done.err.count("\n")) == (12, 1)
    Path("other").write_bytes(save(arrays(**{"0_bias": None})))
    assert cnntrain("import-weights", "other", *line[2:], "--overwrite").code == 4
    with locked(imported):
        done = cnntrain(*line, "--overwrite")
        assert (done.code, done.err.count("\n")) == (11, 1)
    assert all_digests(imported) == before
    assert cnntrain(*line, "--overwrite").code == 0


@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_left_where_the_disk_is_full(weights, digits, there):
    """The limit is above a checkpoint, for which space is looked for, and below split.npz."""
    line = [sys.executable, "-m", "cnntrain", "import-weights", weights, "--into", str(digits)]
    if there:
        Path("runs/small").mkdir(parents=True)
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000)),
    )
    assert (done.returncode, done.stderr) == (
        5,
        "cnntrain: error: cannot write runs/small/split.npz: File too large\n",
    )
    assert [p.name for p in Path("runs").rglob("*")] == (["small", ".lock"] if there else [])


def test_a_directory_of_somebody_stays(weights, digits, cnntrain):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    done = cnntrain("import-weights", weights, "--into", digits, "--run", "mine")
    assert done.code == 2
    assert [path.name for path in Path("mine").iterdir()] == ["notes.txt"]
