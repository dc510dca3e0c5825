"""Signals while a run is made: those that end it wait for a good moment, others ask to save."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]

ENDING = (signal.SIGINT, signal.SIGTERM)
# SIGHUP comes when a terminal vanishes.  Windows knows neither.
SAVING = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGUSR1") if hasattr(signal, name))


class Signals:
    """What the signals of this process ask a run for; a context manager.

    save_asked   name of the signal that has asked for a checkpoint, until `take_save`
    pending      the signal that has asked the run to end, while `put_off`

    While entered, SIGHUP and SIGUSR1 ask for a checkpoint and nothing else; those that were held
    back until now, as a sweep does for its trials, come through.  Signals that are ignored stay
    so; outside the main thread nothing is changed.
    """

    def __init__(self) -> None:
        self.save_asked: str | None = None
        self.pending: int | None = None
        self._previous: dict[int, Any] = {}
        self._held: set[int] = set()

    def __enter__(self) -> Signals:
        for number in SAVING:
            self._catch(number, self._note_save)
        if self._previous and hasattr(signal, "pthread_sigmask"):  # not on Windows
            self._held = signal.pthread_sigmask(signal.SIG_UNBLOCK, SAVING) & set(SAVING)
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            signal.pthread_sigmask(signal.SIG_BLOCK, self._held)
        self._give_back(SAVING)

    @contextlib.contextmanager
    def put_off(self) -> Iterator[None]:
        """While entered, a first SIGINT or SIGTERM waits for `act`; a second one is acted on at
        once.  To act is to call the handler that was there before."""
        for number in ENDING:
            if callable(signal.getsignal(number)):
                self._catch(number, self._note_end)
        try:
            yield
        finally:
            self._give_back(ENDING)

    def act(self) -> None:
        """Act on the signal that has been put off, if there is one: usually raises."""
        if self.pending is not None:
            number, self.pending = self.pending, None
            handler: Any = self._previous.get(number, signal.getsignal(number))
            handler(number, None)

    def take_save(self) -> str | None:
        """The signal that has asked for a checkpoint since the last time, None for none."""
        asked, self.save_asked = self.save_asked, None
        return asked

    def _note_save(self, number: int, frame: FrameType | None) -> None:
        self.save_asked = signal.Signals(number).name

    def _note_end(self, number: int, frame: FrameType | None) -> None:
        if self.pending is not None:
            self._previous[number](number, frame)
        self.pending = number

    def _catch(self, number: int, handler: Handler) -> None:
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(number) not in (signal.SIG_IGN, None):
            self._previous[number] = signal.signal(number, handler)

    def _give_back(self, numbers: tuple[signal.Signals, ...]) -> None:
        for number in numbers:
            if number in self._previous:
                signal.signal(number, self._previous.pop(number))
