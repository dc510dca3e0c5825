"""The memory that this process may use, and has used."""

import resource
import subprocess
import sys

import pytest

from cnntrain.nn.execution.memory import peak_memory, size_text, usable_memory

CHILD = "from cnntrain.nn.execution.memory import peak_memory; print(peak_memory())"


@pytest.fixture(autouse=True)
def fresh():
    usable_memory.cache_clear()
    yield
    usable_memory.cache_clear()


def test_a_limit_of_the_process_counts_where_it_is_lower_than_the_machine(monkeypatch):
    machine = usable_memory()
    assert machine > 2**27
    usable_memory.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2**27, 2**28))
    assert usable_memory() == 2**27


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.0 B"),
        (1023, "1023.0 B"),
        (1536, "1.5 KiB"),
        (2**40, "1.0 TiB"),
        (2**90, "1073741824.0 EiB"),
    ],
)
def test_sizes_for_people(size, text):
    assert size_text(size) == text


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
