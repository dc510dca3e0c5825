"""A bar on standard error while data are being read, on a terminal, where that takes long."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnntrain.waiting import watched

if TYPE_CHECKING:
    from tqdm import tqdm

REFRESH = 0.1  # seconds between two updates
PATIENCE = 0.3  # seconds before it appears


class LoadingBar:
    """Told how far the reading is; shows it."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.doing, self.started, self.shown = "", 0.0, 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        now = time.monotonic()
        if doing != self.doing:
            self.close()
            self.doing, self.started, self.shown = doing, now, now + PATIENCE - REFRESH
        if done == total > 0:
            self.close()
        elif now - self.shown >= REFRESH or total == 0:
            self.shown = now
            self._show(done, total, done / max(now - self.started, 1e-9))

    def _show(self, done: int, total: int, speed: float) -> None:
        from tqdm import tqdm

        try:
            if self.bar is None:
                form = "{desc} |{bar}| {n_fmt}/{total_fmt}{postfix}" if total else "{desc}"
                self.bar = tqdm(
                    desc=self.doing,
                    total=total,
                    file=sys.stderr,
                    leave=False,
                    dynamic_ncols=True,
                    bar_format=form,
                )
            self.bar.n = done
            self.bar.set_postfix_str(f"{speed:,.0f}/s" if total else "", refresh=True)
        except (OSError, ValueError):  # the terminal has gone
            self.bar = None

    def close(self) -> None:
        """Take the bar away."""
        bar, self.bar, self.doing = self.bar, None, ""
        if bar is not None:
            with contextlib.suppress(OSError, ValueError):
                bar.close()


@contextlib.contextmanager
def loading_shown() -> Iterator[None]:
    """While entered, a terminal shows how far the reading of data is."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    bar = LoadingBar()
    try:
        with watched(bar):
            yield
    finally:
        bar.close()
