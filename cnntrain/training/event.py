"""Something that happened in a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """A line of events.jsonl, and what people are told of it.

    kind      "learning_rate", "phase", "control", "checkpoint", "warning" ...
    note      one line for people
    details   further entries of the line in events.jsonl
    """

    kind: str
    note: str
    details: dict[str, Any] = field(default_factory=dict)


def warning(message: str) -> Event:
    """Something that may not be what people intend."""
    return Event("warning", message, {"message": message})
