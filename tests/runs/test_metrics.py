"""What the tables of a run say about the process."""

import subprocess
import sys

import pytest

from cnntrain.runs.metrics import Row, peak_memory

CHILD = "from cnntrain.runs.metrics import peak_memory; print(peak_memory())"


def test_peak_memory_is_that_of_this_program_alone():
    """Not that of the one that started it, which the system carries over."""
    starter = (
        "import subprocess, sys\n"
        "held = b'x' * (400 * 2**20)\n"
        f"print(subprocess.check_output([sys.executable, '-c', {CHILD!r}], text=True))\n"
    )
    done = subprocess.run([sys.executable, "-c", starter], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 10 < float(done.stdout) < 400
    assert peak_memory() > 10


@pytest.mark.parametrize(
    ("own", "average", "better"),
    [
        ((1.0, 0.5), (2.0, 0.4), "average"),
        ((1.0, 0.5), (0.5, 0.5), "own"),
        ((1.0, 0.4), (0.5, 0.5), "own"),
        ((1.0, None), (0.5, None), "average"),
        ((1.0, None), (1.0, None), "own"),
        ((1.0, 0.5), (None, None), "own"),
        ((None, None), (None, None), "own"),
    ],
)
def test_the_better_weights_are_those_with_the_smaller_error_or_loss(own, average, better):
    names = ("average_validation_loss", "average_validation_error")
    averages = dict(zip(names, average, strict=True))
    row = Row(1, 1, 1, 0.1, 1.0, None, *own, step_norm=0.1, **averages)
    assert row.better_weights == better
