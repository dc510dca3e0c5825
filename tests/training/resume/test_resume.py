"""A run that was interrupted ends with the bytes of one that was not."""

import json
import signal
import subprocess
import sys

import pytest

from cnntrain import fit

from ...run_files import digests

EVERYTHING = """\
name: small
data: {source: digits, validation: 0.1}
layers:
  - {type: conv, filters: 4, kernel: 3}
  - {type: relu}
  - {type: max_pool, window: 2}
  - {type: flatten}
  - {type: dense, units: 10}
  - {type: softmax}
loss: cross_entropy
batch_size: 16
epochs: 6
early_stopping: {patience: 50}
convergence: {step_norm: 1e-9, patience: 50}
evaluate_train: full
record_steps: 7
record_layers: true
phases:
  - {optimizer: {type: adam}, learning_rate: 0.003, until: {epochs: 2}}
  - optimizer: {type: sgd, momentum: 0.9}
    learning_rate:
      schedule: cosine
      initial: 0.02
      on_plateau: {factor: 0.5, patience: 1, min_delta: 0.5, monitor: validation_loss}
"""


@pytest.fixture
def config(digits):
    digits.write_text(EVERYTHING)
    return digits


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The run directory of an undisturbed run."""
    folder = tmp_path_factory.mktemp("straight")
    (folder / "small.yaml").write_text(EVERYTHING)
    assert fit(folder / "small.yaml", run=folder / "run").exit_code == 0
    return folder / "run"


def stop_after(config, count, suffix=""):
    """Run in a process of its own, and kill it by SIGKILL inside its `count`-th durable write or
    append whose path ends with `suffix`."""
    code = (
        "import os, signal, sys\n"
        "from cnntrain.storage import durable, lines\n"
        "left = [int(sys.argv.pop(1))]\n"
        "suffix = sys.argv.pop(1)\n"
        "def killing(function):\n"
        "    def wrapped(path, *rest, **named):\n"
        "        if str(path).endswith(suffix):\n"
        "            left[0] -= 1\n"
        "        if left[0] == 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return function(path, *rest, **named)\n"
        "    return wrapped\n"
        "for home, name in ((durable, 'write'), (lines, 'append'), (durable, 'link')):\n"
        "    setattr(home, name, killing(getattr(home, name)))\n"
        "from cnntrain.cli.main import main\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml', '--quiet', '--resume', '--run', 'killed']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(count), suffix])
    return done.returncode


MOMENTS = [5, 20, 37]
MORE = [1, 9, 12, 33, 34, 35, 36, 38, 39, 40, 60, 90]


@pytest.mark.parametrize(
    "count", [*MOMENTS, *(pytest.param(count, marks=pytest.mark.slow) for count in MORE)]
)
def test_killed_at_any_write_and_resumed(config, straight, cnntrain, count):
    assert stop_after(config, count) == -signal.SIGKILL
    done = cnntrain("fit", config, "--quiet", "--resume", "--run", "killed")
    assert done.code == 0, done.err
    killed = config.parent / "killed"
    assert digests(killed) == digests(straight)
    for table in ("steps.csv", "layers.csv"):
        assert (killed / table).read_bytes() == (straight / table).read_bytes()
    epochs = [line.split(",")[0] for line in (killed / "timings.csv").read_text().splitlines()[1:]]
    assert epochs == sorted(set(epochs))


@pytest.mark.slow
def test_killed_again_and_again(config, straight, cnntrain):
    kills = 0
    while stop_after(config, 37) == -signal.SIGKILL:
        kills += 1
        assert kills < 30
    assert kills > 1
    assert digests(config.parent / "killed") == digests(straight)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_an_epoch_leaves_a_checkpoint_there(
    config, straight, cnntrain, wait_for, number
):
    command = [sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--quiet", "--run", "cut"]
    process = subprocess.Popen(command)
    run = config.parent / "cut"
    wait_for((run / "checkpoints" / "last.safetensors").exists, process)
    process.send_signal(number)
    assert process.wait(60) == -number
    summary = json.loads((run / "summary.json").read_text())
    assert summary["status"] == "interrupted"
    done = cnntrain("fit", config, "--resume", "--run", "cut")
    assert done.code == 0, done.err
    assert "going on after step " in done.err
    assert digests(run) == digests(straight)
    assert not list((run / "checkpoints").glob("step-*"))


def test_a_signal_during_the_last_validation_still_ends_the_process(config, straight):
    """The run is finished, but a shell loop around it must stop."""
    code = (
        "import os, signal, sys\n"
        "from cnntrain.training.trainer import Trainer\n"
        "right = Trainer.measure\n"
        "def measure(self, part):\n"
        "    if self.position.epoch == 6 and part is self.dataset.validation:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return right(self, part)\n"
        "Trainer.measure = measure\n"
        "from cnntrain.cli.main import main\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml', '--quiet', '--run', 'late']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code])
    assert done.returncode == -signal.SIGTERM
    late = config.parent / "late"
    assert json.loads((late / "summary.json").read_text())["status"] == "finished"
    assert digests(late) == digests(straight)


def test_checkpoints_every_so_many_steps(config, straight, cnntrain):
    config.write_text(EVERYTHING + "checkpoint: {every_steps: 10}\n")
    assert cnntrain("fit", config, "--quiet", "--run", "plain").code == 0
    assert stop_after(config, 4, "last.safetensors") == -signal.SIGKILL
    names = {path.name for path in (config.parent / "killed" / "checkpoints").iterdir()}
    assert "step-00000040.safetensors" in names
    assert cnntrain("fit", config, "--quiet", "--resume", "--run", "killed").code == 0
    assert digests(config.parent / "killed") == digests(config.parent / "plain")


def test_a_time_limit_is_gone_on_from(config, straight, cnntrain):
    limit = ("--set", "max_minutes=1e-9")
    assert cnntrain("fit", config, "--quiet", "--run", "slow", *limit).code == 7
    for _ in range(3):
        done = cnntrain("fit", config, "--quiet", "--run", "slow", "--resume", *limit)
        assert done.code == 7, done.err
    assert cnntrain("fit", config, "--quiet", "--run", "slow", "--resume").code == 0
    slow = config.parent / "slow"
    assert (slow / "metrics.csv").read_bytes() == (straight / "metrics.csv").read_bytes()


def test_killed_when_it_had_stopped_early_but_not_said_so(digits, cnntrain):
    """The checkpoint knows that the run is over: the resume trains no further epoch."""
    stopping = "early_stopping: {patience: 1, min_delta: 0.9}\n"
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 6") + stopping)
    assert cnntrain("fit", digits, "--quiet", "--run", "straight").code == 0
    assert stop_after(digits, 3, "summary.json") == -signal.SIGKILL
    killed = digits.parent / "killed"
    assert json.loads((killed / "summary.json").read_text())["status"] == "running"
    assert len((killed / "metrics.csv").read_text().splitlines()) == 3
    done = cnntrain("fit", digits, "--quiet", "--resume", "--run", "killed")
    assert done.code == 0, done.err
    assert json.loads((killed / "summary.json").read_text())["status"] == "early_stopped"
    assert digests(killed) == digests(digits.parent / "straight")


def interrupted(config):
    """A run that ended in the middle, with three checkpoints."""
    assert stop_after(config, 4, "metrics.csv") == -signal.SIGKILL
    return config.parent / "killed"


def test_a_damaged_checkpoint_is_passed_over(config, straight, cnntrain):
    run = interrupted(config)
    newest = sorted((run / "checkpoints").glob("epoch-*"))[-1]
    data = bytearray(newest.read_bytes())
    data[-1] ^= 1
    newest.unlink()
    newest.write_bytes(data)
    done = cnntrain("fit", config, "--resume", "--run", "killed")
    assert done.code == 0
    assert f"warning: killed/checkpoints/{newest.name}: damaged" in done.err
    assert digests(run) == digests(straight)


def test_only_damaged_checkpoints_are_never_a_silent_restart(config, cnntrain):
    run = interrupted(config)
    for path in (run / "checkpoints").iterdir():
        path.write_bytes(b"nonsense")
    done = cnntrain("fit", config, "--resume", "--run", "killed")
    assert done.code == 4
    assert "no checkpoint in killed/checkpoints verifies" in done.err


def test_metrics_that_were_changed_are_refused(config, cnntrain):
    run = interrupted(config)
    text = (run / "metrics.csv").read_text()
    (run / "metrics.csv").write_text(text.replace(",", ";", 1))
    done = cnntrain("fit", config, "--resume", "--run", "killed")
    assert done.code == 4
    assert "killed/metrics.csv:1: found epoch;step,samples," in done.err


def test_other_settings_are_refused_before_anything_is_changed(config, cnntrain):
    run = interrupted(config)
    before = digests(run)
    done = cnntrain("fit", config, "--resume", "--run", "killed", "--set", "epochs=7")
    assert done.code == 2
    assert "killed was made with other settings: epochs 6 -> 7" in done.err
    assert digests(run) == before


def test_a_run_that_does_not_exist_cannot_be_gone_on_with_without_a_config(config, cnntrain):
    done = cnntrain("fit", "--resume", "--run", "nowhere")
    assert (done.code, done.err) == (10, "cnntrain: error: no run in nowhere\n")
