"""Threads, children and copies in other processes: the helpers in C serve whoever calls, and the
bits stay the same."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network

HERE = str(Path(__file__).parent)
ROOT = Path(__file__).parents[4]


def network(library, workers=2):
    layers = [
        *[Conv(filters=8, kernel=3), ReLU(), MaxPool(window=2), Flatten()],
        *[Dense(units=60), ReLU(), Dense(units=5), Softmax()],
    ]
    engine = CompiledEngine(library)
    return Network(
        layers,
        CrossEntropy(),
        (14, 14, 1),
        5,
        np.dtype("f4"),
        engine,
        workers=Workers(workers),
        chunk=16,
    )


def train(net, steps=5):
    """The bytes of w after some steps on 10 chunks of data."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(160, 14, 14, 1)), np.arange(160) % 5
    w = net.initial_parameters(seed=0)
    for step in range(steps):
        w -= np.float32(0.05) * net.loss_and_gradient(w, x, y, (0, 0, step))[1]
    return w.tobytes()


def helpers():
    """Threads of this process that Python does not know."""
    return len(list(Path("/proc/self/task").iterdir())) - threading.active_count()


def in_a_process(code, libraries, **settings):
    """`code` in a fresh process that has this file as `own` and the library as `library`; what it
    prints."""
    code = (
        "import os, sys, threading, signal, numpy as np\n"
        f"sys.path.insert(0, {HERE!r})\n"
        "import test_processes as own\n"
        "from cnntrain.nn.engines.compiled.functions import functions\n"
        "from cnntrain.nn.engines.compiled.structures import address\n"
        "from pathlib import Path\n"
        "from cnntrain.nn.engines.compiled.library import load\n"
        f"library = load(Path({str(libraries)!r}))\n"
        "signal.alarm(60)  # whatever hangs\n" + code
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, env=environment, **settings)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("shared", [False, True], ids=["networks of their own", "one network"])
def test_several_threads_train_at_once(shared, library):
    one, found = network(library), []

    def work():
        found.append(train(one if shared else network(library)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [train(network(library, workers=1))] * 4


FORKED = """
net = own.network(library)
expected = own.train(net)
for workers in (2, 1, 3):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if own.train(own.network(library, workers)) == expected == own.train(net) else 1)
    assert own.train(net) == expected
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_trains_and_its_parent_goes_on(libraries):
    in_a_process(FORKED, libraries)


# The other thread is in C all the time: it holds no lock of Python, which the child would miss.
FORKED_DURING_A_CALL = """
expected = own.train(own.network(library))
x = np.zeros(10**7, "f4")
call = functions(library, x.dtype)["all_finite"]
over = threading.Event()
def go_on():
    while not over.is_set():
        call(address(x), x.size)
thread = threading.Thread(target=go_on, daemon=True)
thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        same = own.train(own.network(library)) == expected
        os._exit(0 if same and own.helpers() == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
over.set()
thread.join()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_a_child_born_during_a_call_has_helpers_of_its_own(libraries):
    in_a_process(FORKED_DURING_A_CALL, libraries)


COPIED = """
import pickle
net = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(own.train(net))
"""


def test_a_copy_in_another_process_trains_there(library, libraries):
    """After use: what the network keeps of it stays behind."""
    net = network(library)
    expected = train(net)
    assert in_a_process(COPIED, libraries, input=pickle.dumps(net)) == expected


# A limit on threads is none for root.
ALONE = """
import resource
expected = own.train(own.network(library, workers=1))
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
if os.getuid() == 0:
    os.setuid(65534)
assert [own.train(own.network(library, workers)) for workers in (2, 4)] == [expected] * 2
assert own.helpers() == 0
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_where_no_helper_can_be_started_the_caller_does_all(libraries):
    in_a_process(ALONE, libraries)
