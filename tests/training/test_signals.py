"""Signals that ask a run for a checkpoint, and the space that checkpoints need."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from cnntrain.errors import StorageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.signals import Signals

from ..run_files import digests, events


@pytest.fixture
def long(digits):
    """A config whose run takes some seconds."""
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 80"))
    return digits


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP])
def test_a_checkpoint_is_written_and_the_run_goes_on(long, cnntrain, wait_for, number):
    command = [sys.executable, "-m", "cnntrain", "fit", str(long), "--run", "live", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    run = long.parent / "live"
    wait_for((run / "checkpoints" / "last.safetensors").exists, process)
    process.send_signal(number)
    wait_for(lambda: events(run, "checkpoint"), process)
    assert process.wait(120) == 0
    (event,) = events(run, "checkpoint")
    assert event["cause"] == number.name
    assert cnntrain("fit", long, "--run", "straight", "--quiet").code == 0
    assert digests(run) == digests(long.parent / "straight")


def test_a_request_before_the_first_step_ends_nothing(digits):
    """While data are loaded there is nothing to save yet."""
    code = (
        "import os, signal, sys\n"
        "from cnntrain.training import run\n"
        "right = run.set_up\n"
        "def set_up(config):\n"
        "    os.kill(os.getpid(), signal.SIGUSR1)\n"
        "    return right(config)\n"
        "run.set_up = set_up\n"
        "from cnntrain.cli.main import main\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml', '--quiet', '--run', 'early']\n"
        "main()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0


def test_handlers_are_given_back_and_what_is_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGTERM)
    try:
        with Signals() as signals, signals.put_off():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGUSR1)
            assert signals.take_save() == "SIGUSR1"
            assert signals.take_save() is None
        assert (signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGTERM)) == before
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_run_for_whose_checkpoints_there_is_no_space_does_not_begin(tmp_path):
    with pytest.raises(StorageError, match=r"has space for [\d.,]+ MiB, the checkpoints to keep"):
        RunDirectory(tmp_path).check_space(2**60, 4)
    assert list(tmp_path.iterdir()) == []


def test_a_file_size_limit_is_found_before_the_first_step(digits):
    command = [sys.executable, "-m", "cnntrain", "fit", str(digits), "--run", "run", "--quiet"]
    command += ["--set", "layers.conv1.filters=400"]  # some 300 KB

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))

    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True)
    assert done.returncode == 5
    assert done.stderr == "cnntrain: error: cannot write run: File too large\n"
    assert not (digits.parent / "run").exists()
