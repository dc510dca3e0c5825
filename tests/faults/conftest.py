"""A run that everything can happen to, and the bytes that it must end with all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cnntrain import CnntrainError, fit, load_config

from ..run_files import digest, digests

ROOT = Path(__file__).parent.parent.parent

# Memory, buffers, averages, counters and phases of every kind, a best epoch that is not the last,
# checkpoints within epochs; a second or so to train.
CONFIG = """\
name: fault
seed: 27
data: {source: digits, validation: 0.1}
layers:
  - {type: conv, filters: 4, kernel: 3}
  - {type: batch_norm}
  - {type: relu}
  - {type: max_pool, window: 2}
  - {type: flatten}
  - {type: dense, units: 10, init: he_normal}
  - {type: softmax}
loss: cross_entropy
batch_size: 64
epochs: 6
average: {decay: 0.9}
early_stopping: {patience: 3, min_delta: 0.5}
record_steps: 10
record_layers: true
checkpoint: {every_steps: 8, keep: 2}
phases:
  - {optimizer: {type: adam}, learning_rate: 0.003, until: {epochs: 2}}
  - optimizer: {type: sgd, momentum: 0.9}
    learning_rate:
      schedule: cosine
      initial: 0.2
      final: 0.1
      on_plateau: {patience: 1, min_delta: 0.5}
"""

TALLY: Counter[str] = Counter()
TABLES = ("steps.csv", "layers.csv")  # not promised where they are damaged, but exact after a crash


def recorded(run: Path) -> dict[str, str]:
    """Digests of the promised files of a run and of these tables, by name."""
    return digests(run) | {name: digest(run / name) for name in TABLES}


@dataclass(frozen=True)
class Lab:
    """A folder with the config `fault.yaml`, in which commands are run as from a shell."""

    folder: Path
    package: Path = ROOT  # where cnntrain is imported from
    reference: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """That of this process, with the package in front."""
        return {**os.environ, "PYTHONPATH": str(self.package)}

    def command(self, run: str, *options: str) -> list[str]:
        """`fit --resume` of the config into the directory `run`."""
        return [*CNNTRAIN, "fit", "fault.yaml", "--run", run, "--resume", "--quiet", *options]

    def start(self, command: list[str], **settings) -> subprocess.Popen:
        """The command, started in the folder."""
        settings.setdefault("stdout", subprocess.DEVNULL)
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, **settings)

    def run(self, command: list[str], **settings) -> subprocess.CompletedProcess:
        """The command, run to its end, with what it printed but for warnings about the config."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            **settings,
        )
        lines = done.stderr.splitlines(keepends=True)
        done.stderr = "".join(x for x in lines if not x.startswith("warning: fault.yaml:"))
        return done

    def resume(self, run: str = "run") -> str:
        """Resume `run` in this process, which is quicker: "" where it came to its end, else the
        exit code and the error."""
        try:
            ended = fit(self.folder / "fault.yaml", run=self.folder / run, resume=True)
        except CnntrainError as error:
            return f"{error.exit_code}: {error}"
        TALLY["runs resumed"] += 1
        assert ended.exit_code == 0
        return ""

    def finish(self, run: str = "run") -> None:
        """Resume `run` to its end: it must have the bytes of the undisturbed run."""
        assert self.resume(run) == ""
        assert recorded(self.folder / run) == self.reference
        left = [path.name for path in (self.folder / run).rglob(".tmp-*")]
        assert not left, "temporary files stay behind"


CNNTRAIN = [sys.executable, "-m", "cnntrain"]
LONG = ("--set", "epochs=100000", "--set", "early_stopping=none")  # until something ends it


@pytest.fixture(scope="session")
def reference(tmp_path_factory) -> dict[str, str]:
    """The digests of an undisturbed run."""
    lab = Lab(tmp_path_factory.mktemp("reference"))
    (lab.folder / "fault.yaml").write_text(CONFIG)
    done = lab.run(lab.command("run"))
    assert done.returncode == 0, done.stderr
    return recorded(lab.folder / "run")


@pytest.fixture
def lab(tmp_path, reference) -> Lab:
    """An empty folder with the config."""
    (tmp_path / "fault.yaml").write_text(CONFIG)
    return Lab(tmp_path, reference=reference)


@pytest.fixture(scope="session")
def cut(tmp_path_factory, reference) -> Path:
    """A run that was stopped after epoch 5 of 6; its best epoch is 4, its checkpoints 4 and 5."""
    folder = tmp_path_factory.mktemp("cut")
    (folder / "fault.yaml").write_text(CONFIG)
    for _ in range(5):
        config = load_config(folder / "fault.yaml", {"max_minutes": 1e-9})
        summary = fit(config, run=folder / "run", resume=True)
    assert (summary.epochs, summary.best_epoch) == (5, 4)
    return folder / "run"


@pytest.fixture
def stopped(cut, lab) -> Lab:
    """The lab with a copy of that run, to be damaged."""
    subprocess.run(["cp", "-a", cut, lab.folder / "run"], check=True)  # hard links stay such
    return lab


@pytest.fixture
def tally() -> Counter[str]:
    """What the summary at the end counts."""
    return TALLY


def pytest_terminal_summary(terminalreporter) -> None:
    """What was tried, in one line."""
    if TALLY:
        counted = ", ".join(f"{name}: {TALLY[name]}" for name in sorted(TALLY))
        terminalreporter.write_line(f"faults: {counted}")
