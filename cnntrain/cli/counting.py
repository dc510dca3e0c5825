"""How many of many are done: a bar on standard error, and in the end their number and speed."""

from __future__ import annotations

import contextlib
import sys
import time
from types import TracebackType
from typing import Any

from cnntrain.cli.options import note
from cnntrain.text import pluralize, printable

MANY = 100  # of which the speed is told


class Counting:
    """Counts things called `noun`, of which there are `total`, if that is known: how many are done,
    and how many of them have failed.

    The bar is shown on a terminal, unless results go to one, too, between which it would stand.
    """

    def __init__(self, noun: str, total: int | None, quiet: bool) -> None:
        self.noun, self.total, self.quiet, self.done = noun, total, quiet, 0
        self.failed = 0
        self.bar: Any = None

    def __enter__(self) -> Counting:
        self.started = time.monotonic()
        alone = sys.stdout is not None and not sys.stdout.isatty()
        if not self.quiet and alone and sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            with contextlib.suppress(OSError, ValueError):  # the terminal has vanished
                self.bar = tqdm(
                    total=self.total,
                    unit=f" {self.noun}s",
                    file=sys.stderr,
                    leave=False,
                    dynamic_ncols=True,
                )
        return self

    def add(self, count: int) -> None:
        """Some more are done."""
        self.done += count
        if self.bar is not None:
            with contextlib.suppress(OSError, ValueError):
                self.bar.update(count)

    def fail(self, message: str) -> None:
        """One has failed: a line on standard error, above the bar."""
        self.failed += 1
        if self.bar is None:
            note(message)
            return
        with contextlib.suppress(OSError, ValueError):
            self.bar.write(printable(message, 410), file=sys.stderr)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            with contextlib.suppress(OSError, ValueError):
                self.bar.close()

    def tell(self) -> None:
        """How many there were, and how fast, if they were many."""
        spent = time.monotonic() - self.started
        if self.done >= MANY and not self.quiet:
            speed = f", {self.done / spent:,.0f} a second" if spent > 0 else ""
            note(f"{pluralize(self.done, self.noun)} in {spent:,.1f} s{speed}")
