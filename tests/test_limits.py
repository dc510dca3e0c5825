"""What would end the process under a limit on memory is tried by another one."""

import os
import signal

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
