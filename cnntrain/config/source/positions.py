"""The positions of values in a config file, or in an override."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnntrain.text import printable

KeyPath = tuple[str | int, ...]  # ("layers", 3, "filters")


@dataclass(frozen=True, order=True)
class Place:
    """A line and column (from 1) of a file, or the override number `turn` (from 1)."""

    turn: int
    line: int
    column: int
    source: str

    def __str__(self) -> str:
        return self.source if self.turn else f"{self.source}:{self.line}:{self.column}"


@dataclass
class Positions:
    """The places of values and of their keys, by path."""

    values: dict[KeyPath, Place] = field(default_factory=dict)
    keys: dict[KeyPath, Place] = field(default_factory=dict)

    def value(self, path: KeyPath) -> Place | None:
        """Where the value at `path` stands, or else the closest value around it."""
        return next((self.values[p] for p in _outwards(path) if p in self.values), None)

    def key(self, path: KeyPath) -> Place | None:
        """Where the key that ends `path` stands, or else the closest value around it."""
        return self.keys.get(path) or self.value(path)

    def replace(self, path: KeyPath, place: Place) -> None:
        """The value at `path` now comes from `place`, with everything in it."""
        for table in (self.values, self.keys):
            for inner in [p for p in table if p[: len(path)] == path]:
                del table[inner]
        self.values[path] = place


@dataclass(frozen=True)
class Problem:
    """What is wrong with the value at `path`, or with its key."""

    path: KeyPath
    message: str
    on_key: bool = False


Located = tuple[Place, str]  # a message, and where it belongs


def dotted(path: KeyPath) -> str:
    """`path` as --set takes it: layers.3.filters."""
    return ".".join(printable(part) for part in path)


def _outwards(path: KeyPath) -> list[KeyPath]:
    return [path[:length] for length in range(len(path), -1, -1)]
