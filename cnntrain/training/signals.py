"""SIGINT and SIGTERM, put off until the run can be taken up again."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

NUMBERS = (signal.SIGINT, signal.SIGTERM)
Handler = Callable[[int, FrameType | None], Any]


class PutOff:
    """While entered, a first signal waits for `act`; a second one is acted on at once.

    To act is to call the handler that was there before.  Signals that are ignored, or left to the
    system, stay so; outside the main thread nothing is changed.
    """

    def __init__(self) -> None:
        self.pending: int | None = None
        self._previous: dict[int, Handler] = {}

    def __enter__(self) -> PutOff:
        if threading.current_thread() is threading.main_thread():
            for number in NUMBERS:
                handler = signal.getsignal(number)
                if callable(handler):
                    self._previous[number] = handler
                    signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def act(self) -> None:
        """Act on the pending signal, if there is one: usually raises."""
        if self.pending is not None:
            self._previous[self.pending](self.pending, None)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending is not None:
            self._previous[number](number, frame)
        self.pending = number
