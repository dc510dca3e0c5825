"""Files of other programs, where a run or a checkpoint is asked for, are called what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from cnntrain import CheckpointError, NotFoundError, import_weights, load_model
from cnntrain.runs.foreign import told

FILES = {
    "net.onnx": (b"\x08\x0a", "an ONNX file (give the run that it was exported from"),
    "net.pt": (b"PK\x03\x04", "a pickle, which may run code and is never read"),
    "net.safetensors": (save({"w": np.zeros(3)}), "weights without a network"),
    "net_torch/model.safetensors": (save({"w": np.zeros(3)}), "weights without a network"),
    "net_c/model.c": (b"int main;", "C code (give the run that it was exported from)"),
}
OF_A_MODEL = [
    *("evaluate", "predict {} x.npy", "export {} --to c", "describe", "schedule", "trace"),
    *("check-gradients", "bench", "inspect", "import-weights {} --into small.yaml"),
]
OF_A_RUN = ["watch", "report", "compare", "control {} stop", "fit --resume --run {}"]


@pytest.fixture
def foreign(digits):
    """Those files, beside small.yaml."""
    for name, (content, _) in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(content)
    np.save("x.npy", np.zeros((1, 8, 8, 1), np.uint8))


@pytest.mark.parametrize("line", [*OF_A_MODEL, *OF_A_RUN])
def test_every_command_says_what_they_are(foreign, cnntrain, line):
    for name, (_, what) in FILES.items():
        target = name.partition("/")[0]
        if target == "net.safetensors" and (line in OF_A_RUN or "import-weights" in line):
            continue  # only its header tells what it is; import-weights takes it
        words = line.replace("{}", target).split() if "{}" in line else [line, target]
        done = cnntrain(*words)
        assert done.code in ({4, 10} if line in OF_A_MODEL else {2, 10}), done.err
        assert what in done.err
        assert done.err.count("\n") == (2 if line == "compare" else 1)


def test_python_says_so_in_its_own_words(foreign):
    for name in ("net.onnx", "net.pt"):
        with pytest.raises(CheckpointError, match=f"^{name} is an? "):
            load_model(name)
        with pytest.raises(CheckpointError, match=f"^{name} is an? "):
            import_weights(name, "small.yaml")
    with pytest.raises(CheckpointError, match=r"cnntrain.import_weights makes a run of them"):
        load_model("net.safetensors")
    with pytest.raises(NotFoundError, match=r"no run in net_torch, but model.safetensors: weights"):
        load_model("net_torch")


def test_what_is_not_there_is_not_guessed(tmp_path):
    for name in ("net.pt", "net.onnx", "folder"):
        assert told(tmp_path / name) is None
    (tmp_path / "folder").mkdir()
    (tmp_path / "net.yaml").write_text("")
    assert told(tmp_path / "folder") is told(tmp_path / "net.yaml") is None
