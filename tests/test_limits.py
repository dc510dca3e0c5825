"""What would end the process under a limit on memory is tried by another one."""

import os
import platform
import signal
import subprocess
import sys

import pytest

from cnntrain.errors import StorageError
from cnntrain.limits import memory_is_limited, rehearse


@pytest.mark.parametrize(
    "end", [lambda: os._exit(1), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0]
)
def test_an_action_that_ends_the_process_or_fails_is_an_error_of_memory(end):
    with pytest.raises(StorageError, match=r"^not enough memory \(take less\)$"):
        rehearse(end, "take less")


def test_what_succeeds_or_lacks_a_module_is_left_to_be_done_in_earnest():
    done = []
    rehearse(lambda: done.append(1), "take less")
    rehearse(lambda: __import__("no_such_module"), "take less")
    assert done == []


def test_without_a_limit_there_is_no_rehearsal():
    assert not memory_is_limited()


THREADS = """
import re, sys, threading
from pathlib import Path
from cnntrain.limits import share_memory_between_threads

def addresses():
    return int(re.search(r"VmSize:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

threading.stack_size(2**18)
if sys.argv[1] == "shared":
    share_memory_between_threads()
before, together = addresses(), threading.Barrier(5)

def work():
    block = bytearray(10_000)
    together.wait()
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
together.wait()
print(addresses() - before)
together.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others set nothing aside")
def test_threads_take_no_addresses_by_chance():
    def taken(way):
        command = [sys.executable, "-c", THREADS, way]
        return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    assert taken("shared") < 64 * 1024 < taken("each its own")  # KiB
