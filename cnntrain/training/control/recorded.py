"""The actions by hand that an events.jsonl holds: of this run, or of one to be replayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cnntrain.errors import CheckpointError, DataError, UsageError
from cnntrain.files import read_bytes
from cnntrain.runs.events import Event, parse_events
from cnntrain.storage import disk
from cnntrain.text import printable, shown_path
from cnntrain.training.control.action import Action


@dataclass(frozen=True)
class Recorded:
    """An action as an event: the number of steps taken before it, and the name of the file that
    asked for it, "" for none."""

    step: int
    action: Action
    request: str


def read_recorded(path: Path) -> list[Recorded]:
    """The actions recorded in the events.jsonl of the run that goes on.

    Raises CheckpointError where it is damaged, StorageError where it cannot be read.
    """
    try:
        return _actions(disk.read(path) or b"")
    except ValueError as error:
        raise CheckpointError(f"{shown_path(path)}:{printable(error)}") from None


def read_replay(path: Path) -> list[tuple[int, Action]]:
    """The changes of the rate by hand in the events.jsonl of a run to be repeated.

    Raises DataError where they cannot be read.
    """
    place = shown_path(path)
    if path.is_dir():
        hint = f"give {place}/events.jsonl"
        raise DataError(f"{place} is a directory, expected a run's events ({hint})")
    try:
        return rate_changes(_actions(read_bytes(path)))
    except OSError as error:
        raise DataError(f"cannot read {place}: {error.strerror}") from None
    except ValueError as error:
        raise DataError(f"{place}:{printable(error)}") from None


def rate_changes(recorded: Iterable[Recorded]) -> list[tuple[int, Action]]:
    """Those that changed the course of training, with the steps taken before each."""
    return [(entry.step, entry.action) for entry in recorded if entry.action.changes_rate]


def _actions(content: bytes) -> list[Recorded]:
    """The actions in the content of an events.jsonl; ValueError names the line that is wrong."""
    events = enumerate(parse_events(content), start=1)
    return [_action(event, number) for number, event in events if event["event"] == "control"]


def _action(event: Event, line: int) -> Recorded:
    step, text, request = event.get("step"), event.get("action"), event.get("request", "")
    if type(step) is int and step >= 0 and isinstance(text, str) and isinstance(request, str):
        try:
            return Recorded(step, Action(text), request)
        except UsageError:
            pass
    raise ValueError(f"{line}: not an action of a run")
