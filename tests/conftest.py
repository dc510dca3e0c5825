"""Fixtures for every test: the command line in this process, and small configs to train."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from cnntrain.cli.main import main
from cnntrain.config import load_config
from cnntrain.text import Spelling
from cnntrain.training.control.action import Action
from cnntrain.training.control.requests import submit
from cnntrain.training.fit import fit
from cnntrain.training.progress import Progress

# The same examples each time, however slow the machine: a test fails for its code alone.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# Signals that whoever runs the tests ignores, as SIGINT in a script's background job, would be
# ignored by the processes under test, too.
for number, default in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, default)

# As wide as a terminal that does not tell its width, whoever runs the tests.
os.environ.pop("COLUMNS", None)

# The tests against PyTorch, which is too large a package to ask of everyone; CI installs it.
HAS_TORCH = importlib.util.find_spec("torch") is not None
collect_ignore_glob = [] if HAS_TORCH else ["*/test_torch_*.py"]


def pytest_addoption(parser) -> None:
    """For CI, where everything is there that a test may need."""
    parser.addoption("--nothing-skipped", action="store_true", help="a skipped test has failed")


def pytest_configure(config) -> None:
    if config.option.nothing_skipped and not HAS_TORCH:
        raise pytest.UsageError("PyTorch is not installed: test_torch_*.py would be left out")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.skipped and item.config.option.nothing_skipped:
        _, _, reason = report.longrepr
        report.outcome, report.longrepr = "failed", f"{reason} (--nothing-skipped)"
    return report


def pytest_terminal_summary(terminalreporter) -> None:
    """Say what was left out."""
    if not HAS_TORCH:
        terminalreporter.write_line("PyTorch is not installed: no test_torch_*.py was run")


DIGITS = """\
name: small
data: {source: digits, validation: 0.1}
layers:
  - {type: conv, filters: 4, kernel: 3}
  - {type: relu}
  - {type: max_pool, window: 2}
  - {type: flatten}
  - {type: dense, units: 10, init: he_normal}
  - {type: softmax}
loss: cross_entropy
batch_size: 64
epochs: 2
learning_rate: 0.05
optimizer: {type: sgd, momentum: 0.9}
"""


def wait_for(condition, process=None, seconds=60):
    """Wait until `condition()` holds; fail if `process` ends first or time is up."""
    pause = threading.Event()
    for _ in range(100 * seconds):
        if condition():
            return
        assert process is None or process.poll() is None, "the process has ended"
        pause.wait(0.01)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory):
    """The cache of whoever runs the tests stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "cnntrain"


@dataclass(frozen=True)
class Result:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def cnntrain(capsys, monkeypatch):
    """`cnntrain("fit", path)` as from a shell, but in this process."""

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["cnntrain", *map(str, arguments)])
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            Spelling.as_options = False
            for number, handler in handlers.items():
                signal.signal(number, handler)
        captured = capsys.readouterr()
        return Result(int(end.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def digits(tmp_path, monkeypatch) -> Path:
    """A config that trains a small network on the digits in a second, in an empty directory
    that is also the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(DIGITS)
    return path


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory) -> Path:
    """The run directory of that config, trained: for all tests together, which leave it as it
    is."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "small.yaml").write_text(DIGITS)
    fit(load_config(folder / "small.yaml"), run=folder / "runs" / "small")
    return folder / "runs" / "small"


@pytest.fixture
def trained(digits, trained_once) -> Path:
    """A copy of it beside the config, where `fit` would have put it."""
    (digits.parent / "runs").mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", trained_once, "runs"], check=True)  # hard links stay such
    return digits.parent / "runs" / "small"


class Stopper(Progress):
    """Asks the run in a directory to stop after a number of steps, as `cnntrain control` does."""

    def __init__(self, run: Path, last: int) -> None:
        self.run, self.last = run, last

    def step(self, step):
        if step.step == self.last:
            submit(self.run / "control", Action("stop"))


@pytest.fixture
def stop_after():
    """`fit(config, run=run, progress=stop_after(run, 5))` ends after step 5 of the run."""
    return Stopper


@pytest.fixture(name="wait_for")
def wait_for_fixture():
    """`wait_for(condition, process)`."""
    return wait_for


@pytest.fixture(name="torch")
def torch_fixture():
    """PyTorch, for a test that compares with it among others that do not."""
    return pytest.importorskip("torch", reason="PyTorch is not installed")
