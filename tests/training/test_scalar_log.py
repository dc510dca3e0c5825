"""`log: tensorboard`: the columns of metrics.csv, once an epoch, and never an obstacle."""

import signal
import struct
import subprocess
import sys
from importlib import import_module

import numpy as np

import cnntrain as package


def scalars(run):
    """[(epoch, tag, value)] of all event files of a run, with their checksums verified."""
    record_writer = import_module("tensorboardX.record_writer")
    event_pb2 = import_module("tensorboardX.proto.event_pb2")
    found = []
    for path in sorted((run / "tensorboard").iterdir()):
        assert "tfevents" in path.name  # what TensorBoard looks for
        content, at = path.read_bytes(), 0
        while at < len(content):
            (size,) = struct.unpack_from("<Q", content, at)
            data = content[at + 12 : at + 12 + size]
            checks = (
                struct.unpack_from("<I", content, at + 8),
                struct.unpack_from("<I", content, at + 12 + size),
            )
            assert checks[0][0] == record_writer.masked_crc32c(content[at : at + 8])
            assert checks[1][0] == record_writer.masked_crc32c(data)
            event = event_pb2.Event.FromString(data)
            found += [(event.step, v.tag, v.simple_value) for v in event.summary.value]
            at += 16 + size
    return found


def expected(run):
    columns = package.Run(run).metrics
    return [
        (int(epoch), name, float(np.float32(columns[name][k])))
        for k, epoch in enumerate(columns["epoch"])
        for name in columns
        if name != "epoch" and not np.isnan(columns[name][k])
    ]


def test_scalars_are_the_columns_of_metrics_csv(digits, cnntrain):
    assert cnntrain("fit", digits, "--run", "run", "--quiet", "--set", "log=tensorboard").code == 0
    run = digits.parent / "run"
    assert scalars(run) == expected(run) != []


def test_results_are_the_same_without_it(digits, cnntrain):
    for name, log in (("with", "tensorboard"), ("without", "none")):
        assert cnntrain("fit", digits, "--run", name, "--quiet", "--set", f"log={log}").code == 0
    for path in ("metrics.csv", "checkpoints/last.safetensors", "checkpoints/best.safetensors"):
        contents = [(digits.parent / name / path).read_bytes() for name in ("with", "without")]
        assert contents[0] == contents[1]
    assert not (digits.parent / "without" / "tensorboard").exists()


def test_a_run_that_was_killed_and_resumed_has_each_epoch_once(digits, cnntrain, wait_for):
    options = ["--run", "run", "--quiet", "--set", "log=tensorboard", "--set", "epochs=400"]
    command = [sys.executable, "-m", "cnntrain", "fit", str(digits), *options]
    process = subprocess.Popen(command, cwd=digits.parent)
    run = digits.parent / "run"
    wait_for((run / "checkpoints/epoch-0003.safetensors").exists, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(package.Run(run).rows)
    options[-1] = f"epochs={done + 2}"
    assert cnntrain("fit", digits, *options, "--resume").code == 0
    assert scalars(run) == expected(run)
    assert cnntrain("fit", digits, *options, "--overwrite", "--set", "log=none").code == 0
    assert list((run / "tensorboard").iterdir()) == []


def test_a_log_that_fails_is_a_warning_and_training_goes_on(digits, cnntrain):
    code = (
        "import sys\n"
        "from tensorboardX.record_writer import RecordWriter\n"
        "def broken(self): raise OSError('no space')\n"
        "RecordWriter.flush = broken\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml', '--run', 'run', '--quiet',\n"
        "            '--set', 'log=tensorboard']\n"
        "from cnntrain.__main__ import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=digits.parent
    )
    assert done.returncode == 0, done.stderr
    said = "log: tensorboard has failed, training goes on without it (OSError: no space)"
    assert done.stderr.count(said) == 1
    run = package.Run(digits.parent / "run")
    assert (run.summary.status, len(run.rows)) == ("finished", 2)
    assert run.summary.warnings.count(said) == 1


def test_without_tensorboardx_the_error_says_how_to_get_it(digits):
    code = (
        "import sys; sys.modules['tensorboardX'] = None\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml', '--run', 'run', '--set', 'log=tensorboard']\n"
        "from cnntrain.__main__ import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=digits.parent
    )
    assert done.returncode == 2
    assert done.stderr == (
        "cnntrain: error: log: tensorboard needs tensorboardX "
        "(pip install 'cnntrain[tensorboard]')\n"
    )
    assert not (digits.parent / "run").exists()
