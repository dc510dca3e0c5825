"""Everything cnntrain refuses to do, as one tree of exceptions.

    CnntrainError            exit code
    ├── UsageError           2   an argument that makes no sense
    │   └── ConfigError      2   the config: located problems, all of one file at once
    ├── ShapeError           2   layers that do not fit together
    ├── DataError            3   the data: missing, damaged, out of range
    ├── CheckpointError      4   a checkpoint or run state: damaged or not fitting
    ├── StorageError         5   disk, permission, memory
    ├── DivergedError        6   the loss or its gradient is no longer finite
    ├── NotFoundError        10  no such run or checkpoint
    ├── LockedError          11  the run directory is in use
    └── RunExistsError       12  the run directory already holds a run

The command line catches the base class, prints its message on one line (a
config's problems on one line each) and ends with its exit code.  Everything
else that escapes is a bug and keeps its traceback.

`Interrupted` stands apart: a signal asked the process to stop.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence


class CnntrainError(Exception):
    """Base of every error that cnntrain raises on purpose."""

    exit_code = 1


class UsageError(CnntrainError):
    """A command or a call was given arguments that make no sense."""

    exit_code = 2


class ConfigError(UsageError):
    """A config is wrong.  `problems` holds one complete line a problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ShapeError(CnntrainError):
    """A layer does not fit the shape that reaches it.

    path   where in a config the blame lies: ("layers", 3, "kernel")
    """

    exit_code = 2

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


class DataError(CnntrainError):
    """A data set is missing, damaged, or holds values it must not hold."""

    exit_code = 3


class CheckpointError(CnntrainError):
    """A checkpoint or a run's state is damaged, or does not fit the request."""

    exit_code = 4


class StorageError(CnntrainError):
    """Writing failed: disk, permission or memory.  The run can be resumed."""

    exit_code = 5


class DivergedError(CnntrainError):
    """The training loss or its gradient is no longer finite."""

    exit_code = 6


class NotFoundError(CnntrainError):
    """There is no run or checkpoint at the path given."""

    exit_code = 10


class LockedError(CnntrainError):
    """Another process is writing to the run directory."""

    exit_code = 11


class RunExistsError(CnntrainError):
    """The run directory already holds a run."""

    exit_code = 12


class InputWarning(UserWarning):
    """Inputs that seem to be on another scale than those that a model was trained on.

    >>> import warnings
    >>> model = cnntrain.load_model("runs/digits")
    >>> with warnings.catch_warnings(action="error", category=cnntrain.InputWarning):
    ...     labels = model.predict(np.full((3, 8, 8), 16))  # an error from 33 on
    """


class Interrupted(BaseException):
    """SIGINT or SIGTERM arrived; its name is the message.  No error: nothing went wrong."""


@contextlib.contextmanager
def resource_errors() -> Iterator[None]:
    """Raise StorageError where memory runs out, or no more threads can be started."""
    try:
        yield
    except MemoryError:
        raise StorageError("not enough memory (a smaller network or batch needs less)") from None
    except (ImportError, RuntimeError) as error:
        for sign, lacking in _SHORTAGES.items():
            if sign in str(error):
                raise StorageError(lacking) from None
        raise


_SHORTAGES = {
    "failed to map segment": "not enough memory to load a library",
    "can't start new thread": "no more threads can be started (a smaller compute.workers needs "
    "less)",
}
