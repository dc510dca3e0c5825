"""Short sweeps over the learning rate, made from the shell."""

import subprocess
import sys

import pytest
from trials_here import trials_here

from ..conftest import DIGITS

SHORT = ("--rates", "0.005,0.05", "--epochs", "1", "--seeds", "2", "--quiet")


@pytest.fixture(scope="session")
def swept_once(tmp_path_factory):
    """The directory of a short sweep, which all tests leave as it is."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "small.yaml").write_text(DIGITS)
    command = [sys.executable, "-m", "cnntrain", "lr-sweep", "small.yaml", *SHORT]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "runs" / "small-lr-sweep"


@pytest.fixture
def swept(digits, swept_once):
    """A copy of it, where the sweep of `digits` would be."""
    runs = digits.parent / "runs"
    runs.mkdir()
    subprocess.run(["cp", "-a", swept_once, runs], check=True)  # hard links stay such
    return runs / swept_once.name


@pytest.fixture
def planned(digits, cnntrain):
    """The directory of a sweep without its trials."""
    assert cnntrain("lr-sweep", digits, *SHORT, "--print-commands").code == 0
    return digits.parent / "runs" / "small-lr-sweep"


@pytest.fixture
def here():
    """Trials are run in this process, one after the other."""
    with trials_here():
        yield
