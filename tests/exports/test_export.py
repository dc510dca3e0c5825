"""`cnntrain export` as a whole: what it refuses, and that it writes all files or none."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

import cnntrain as package


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nowhere", "--to", "c"], 10, "no run or checkpoint at nowhere"),
        (["empty", "--to", "c"], 10, "no run in empty"),
        (["RUN", "--to", "keras"], 2, "'keras' is not one of 'onnx', 'torch', 'c'"),
        (["RUN"], 2, "Missing option '--to'. Choose from: onnx, torch, c"),
        (["RUN", "--to", "torch", "--opset", "17"], 2, "--opset is an option of onnx, found"),
        (["RUN", "--to", "onnx", "--main"], 2, "--main is an option of c, found the form onnx"),
        (["RUN", "--to", "c", "--input-type", "uint8"], 2, "--input-type is an option of onnx"),
        (["RUN", "--to", "onnx", "--opset", "12"], 2, "opset 12, expected 13 to "),
        (["RUN", "--to", "onnx", "-o", "file"], 2, "file exists already, nothing was written"),
        (["RUN", "--to", "onnx", "-o", "empty", "--force"], 2, "empty is a folder, nothing"),
        (["RUN", "--to", "onnx", "-o", "/dev/null", "--force"], 2, "/dev/null is a device or"),
        (["RUN", "--to", "torch", "-o", "file"], 2, "file is a file, expected a folder"),
        (["RUN", "--to", "c", "-o", "file", "--force"], 2, "file is a file, expected a folder"),
        (["RUN", "--to", "c", "-o", "RUN/c"], 2, "would be among the files of a run"),
        (["RUN", "--to", "onnx", "-o", "no/x.onnx"], 5, "cannot write no/x.onnx: No such file"),
        (["RUN", "--to", "onnx", "--weights", "average"], 2, "holds no average of w"),
        (["file", "--to", "c"], 4, "file: not a cnntrain checkpoint"),
    ],
)
def test_what_it_refuses(trained_once, tmp_path, monkeypatch, cnntrain, arguments, code, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    done = cnntrain("export", *(word.replace("RUN", str(trained_once)) for word in arguments))
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert told in done.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_run_without_a_checkpoint(trained, cnntrain):
    for path in (trained / "checkpoints").iterdir():
        path.unlink()
    done = cnntrain("export", trained, "--to", "c")
    assert (done.code, done.err.count("\n")) == (10, 1)
    assert "no run with a checkpoint in" in done.err


def test_where_one_file_does_not_fit_none_is_replaced(trained_once, tmp_path):
    place = tmp_path / "out"
    old = {path.name: b"old" for path in package.export(trained_once, "c", place).files}
    for name, content in old.items():
        (place / name).write_bytes(content)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))  # room for model.h

    command = [sys.executable, "-m", "cnntrain", "export", trained_once, "--to", "c"]
    done = subprocess.run(
        [*command, "-o", place, "--force"], preexec_fn=limit, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert "File too large" in done.stderr
    assert {path.name: path.read_bytes() for path in place.iterdir()} == old
