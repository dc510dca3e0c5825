"""Short sweeps over the learning rate, made from the shell."""

import pytest

SHORT = ("--rates", "0.005,0.05", "--epochs", "1", "--seeds", "2", "--quiet")


@pytest.fixture
def swept(digits, cnntrain):
    """The directory of a short sweep."""
    done = cnntrain("lr-sweep", digits, *SHORT)
    assert done.code == 0, done.err
    return digits.parent / "runs" / "small-lr-sweep"


@pytest.fixture
def planned(digits, cnntrain):
    """The directory of a sweep without its trials."""
    assert cnntrain("lr-sweep", digits, *SHORT, "--print-commands").code == 0
    return digits.parent / "runs" / "small-lr-sweep"
