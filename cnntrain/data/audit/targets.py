"""What the targets of a regression are like."""

from __future__ import annotations

from dataclasses import dataclass

from cnntrain.data.part import Part


@dataclass(frozen=True)
class TargetStatistics:
    """Of one entry of the targets of a part."""

    minimum: float
    maximum: float
    mean: float
    deviation: float


def target_statistics(part: Part) -> list[TargetStatistics]:
    """Those of each entry of the targets y (n, d)."""
    y = part.y
    low, high = y.min(axis=0), y.max(axis=0)
    rows = zip(low, high, y.mean(axis=0), y.std(axis=0), strict=True)
    return [TargetStatistics(*(float(value) for value in row)) for row in rows]
