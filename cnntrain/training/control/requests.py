"""Requests to a run under way, such as for another rate (Section 4: "decreased manually").

A request is a small file in the run's `control/` folder.  It is recorded in events.jsonl, with
the step, before its file is removed: a run that goes on from an earlier checkpoint, or replays
the events of another run, acts on it again at that step.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnntrain.errors import StorageError, UsageError
from cnntrain.files import read_bytes
from cnntrain.storage import disk, durable
from cnntrain.training.control.action import Action
from cnntrain.training.control.recorded import Recorded, rate_changes

NAME = re.compile(r"\d{20}-[0-9a-f]{8}\.json")


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
            disk.remove(self.request)


class Control:
    """The actions that a run has to take: those that people ask for, and those of a `script`.

    recorded   those that the run's events.jsonl holds
    replay     changes of the rate in another run, each with the steps taken before it
    stale      requests that were there before this process took the directory
    """

    def __init__(
        self,
        folder: Path,
        recorded: Sequence[Recorded] = (),
        replay: Sequence[tuple[int, Action]] = (),
    ) -> None:
        self.folder, self.recorded, self.replay = folder, recorded, replay
        self.script: deque[PendingAction] = deque()
        self.stale = {path.name for path, _ in self._requests()}

    def start(self, taken: int) -> list[PendingAction]:
        """Make the script: changes of this run that its checkpoint does not hold, then those of
        the run to be replayed that this one has not made.  Returns the stale requests.

        taken   changes of the rate that the checkpoint holds
        """
        for record in self.recorded:  # but not removed because the process died
            if NAME.fullmatch(record.request):
                disk.remove(self.folder / record.request)
        own = rate_changes(self.recorded)
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
        for path in disk.listing(self.folder):
            if NAME.fullmatch(path.name):
                try:
                    request = json.loads(read_bytes(path, links=False))
                    found.append((path, Action(request["action"])))
                except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageError):
                    with contextlib.suppress(StorageError):
                        disk.remove(path)
        return found


def submit(folder: Path, action: Action) -> str:
    """Leave a request in the `control` folder of a run; its name."""
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
    durable.write(folder / name, json.dumps({"action": action.text}).encode())
    return name
