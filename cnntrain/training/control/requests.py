"""Requests to a run under way, such as for another rate (Section 4: "decreased manually").

A request is a small file in the run's `control/` folder.  It is recorded in events.jsonl, with
the step, before its file is removed: a run that goes on from an earlier checkpoint, or replays
the events of another run, acts on it again at that step.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.errors import CheckpointError, DataError, StorageError, UsageError
from cnntrain.files import read_bytes
from cnntrain.runs import durable
from cnntrain.text import printable, shown_path

_RATE = re.compile(r"lr=(x?)([0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)")
NAME = re.compile(r"\d{20}-[0-9a-f]{8}\.json")


@dataclass(frozen=True)
class Action:
    """What a request asks for: `lr=VALUE`, `lr=xFACTOR`, `checkpoint` or `stop`."""

    text: str

    def __post_init__(self) -> None:
        """Raise UsageError for anything else."""
        rate = _RATE.fullmatch(self.text)
        positive = rate is not None and 0 < float(rate[2]) < float("inf")
        if self.text not in {"checkpoint", "stop"} and not positive:
            raise UsageError(
                f"cannot {printable(self.text)!r}, expected lr=VALUE, lr=xFACTOR (both > 0), "
                "checkpoint or stop"
            )

    @property
    def changes_rate(self) -> bool:
        """Whether it changes the course of training, and so must be replayed."""
        return self.text.startswith("lr=")

    def factor(self, old: float, rate: float) -> float | None:
        """The factor that people have multiplied the rate by, after this action; None where it or
        the rate would be 0 or infinite, which nothing could undo.

        old   that factor before, and `rate` what the next step's rate would have been
        """
        match = _RATE.fullmatch(self.text)
        assert match is not None
        number = float(match[2])
        if match[1]:
            factor, rate = old * number, rate * number
        else:
            factor = old * number / rate if rate > 0 else math.inf
        return factor if 0 < factor < math.inf and 0 < rate < math.inf else None


@dataclass(frozen=True)
class PendingAction:
    """An action to take before step number `step` + 1.

    recorded   whether events.jsonl has it already
    request    the file that asks for it, None for an action of a script
    """

    step: int
    action: Action
    recorded: bool
    request: Path | None = None

    def remove_request(self) -> None:
        """Remove the file, once the action is recorded or will not be acted on."""
        if self.request is not None:
            durable.remove(self.request)


class Control:
    """The actions that a run has to take: those that people ask for, and those of a `script`.

    replay   changes of the rate in another run, each with the steps taken before it
    stale    requests that were there before this process took the directory
    """

    def __init__(self, folder: Path, replay: Sequence[tuple[int, Action]] = ()) -> None:
        self.folder, self.replay = folder, replay
        self.script: deque[PendingAction] = deque()
        self.stale = {path.name for path, _ in self._requests()}

    def start(self, records: Iterable[Record], taken: int) -> list[PendingAction]:
        """Make the script: changes of this run that its checkpoint does not hold, then those of
        the run to be replayed that this one has not made.  Returns the stale requests.

        records   what the run's events.jsonl holds
        taken     changes of the rate that its checkpoint holds
        """
        records = list(records)
        for record in records:  # recorded, but not removed because the process died
            if NAME.fullmatch(record.request):
                durable.remove(self.folder / record.request)
        own = rate_changes(records)
        made = [PendingAction(step, action, True) for step, action in own[taken:]]
        to_make = [PendingAction(step, action, False) for step, action in self.replay[len(own) :]]
        self.script.extend(made + to_make)
        return [
            PendingAction(0, action, False, path)
            for path, action in self._requests()
            if path.name in self.stale
        ]

    def due(self, step: int) -> list[PendingAction]:
        """The actions to take now, `step` steps having been taken."""
        found = []
        while self.script and self.script[0].step <= step:
            found.append(self.script.popleft())
        return found + self.requested(step)

    def requested(self, step: int) -> list[PendingAction]:
        """What people have asked for, `step` steps having been taken, the oldest first."""
        return [PendingAction(step, action, False, path) for path, action in self._requests()]

    def _requests(self) -> list[tuple[Path, Action]]:
        """The files of requests, the oldest first; nonsense is removed."""
        found = []
        for path in durable.listing(self.folder):
            if NAME.fullmatch(path.name):
                try:
                    request = json.loads(read_bytes(path, links=False))
                    found.append((path, Action(request["action"])))
                except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageError):
                    with contextlib.suppress(StorageError):
                        durable.remove(path)
        return found


def submit(folder: Path, action: Action) -> None:
    """Leave a request in the `control` folder of a run."""
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
    durable.write(folder / name, json.dumps({"action": action.text}).encode())


@dataclass(frozen=True)
class Record:
    """An action as an events.jsonl holds it: the number of steps taken before it, and the name of
    the file that asked for it, "" for none."""

    step: int
    action: Action
    request: str


def read_records(path: Path) -> list[Record]:
    """The actions recorded in the events.jsonl of the run that goes on.

    Raises CheckpointError where it is damaged, StorageError where it cannot be read.
    """
    try:
        return parse(durable.read(path) or b"", shown_path(path))
    except DataError as error:
        raise CheckpointError(str(error)) from None


def parse(content: bytes, place: str) -> list[Record]:
    """The actions in the `content` of an events.jsonl, called `place` in messages.

    A torn last line is passed over.  Raises DataError for other lines that are no events.
    """
    found = []
    try:
        lines = content.decode().splitlines()
    except ValueError as error:
        raise DataError(f"cannot read {place}: {printable(error)}") from None
    for number, line in enumerate(lines, start=1):
        try:
            event: Any = json.loads(line)
            if event["event"] == "control":
                action, request = Action(event["action"]), str(event.get("request", ""))
                found.append(Record(int(event["step"]), action, request))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError):
            if number < len(lines):
                raise DataError(f"{place}:{number}: not an event of a run") from None
    return found


def rate_changes(records: Iterable[Record]) -> list[tuple[int, Action]]:
    """Those that changed the course of training, with the steps taken before each."""
    return [(entry.step, entry.action) for entry in records if entry.action.changes_rate]


def read_replay(path: Path) -> list[tuple[int, Action]]:
    """The changes of the rate by hand in the events.jsonl of a run to be repeated.

    Raises DataError where they cannot be read.
    """
    place = shown_path(path)
    if path.is_dir():
        hint = f"give {place}/events.jsonl"
        raise DataError(f"{place} is a directory, expected a run's events ({hint})")
    try:
        return rate_changes(parse(read_bytes(path), place))
    except OSError as error:
        raise DataError(f"cannot read {place}: {error.strerror}") from None
