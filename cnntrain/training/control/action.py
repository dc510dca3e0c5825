"""What somebody may ask of a run under way."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cnntrain.errors import UsageError
from cnntrain.text import printable

_RATE = re.compile(r"lr=(x?)([0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)")


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
