"""What the tables of a run say about the process."""

import subprocess
import sys

from cnntrain.runs.metrics import peak_memory

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
