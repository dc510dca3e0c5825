"""One flat vector w = [w(1); ...; w(K)] and the named arrays that are views into it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from cnntrain.nn.reductions import norm
from cnntrain.nn.shapes import Array


@dataclass(frozen=True)
class Parameter:
    """One array of parameters: `shape`, stored at `w[start:stop]` in row-major order."""

    layer: int
    name: str
    shape: tuple[int, ...]
    start: int

    @property
    def stop(self) -> int:
        """Where the next array begins."""
        return self.start + math.prod(self.shape)

    def view(self, w: Array) -> Array:
        """This array as a view into `w`."""
        return w[self.start : self.stop].reshape(self.shape)


class Parameters:
    """The layout of the flat vector for the parameter shapes of each layer, in network order."""

    def __init__(self, shapes: Iterable[dict[str, tuple[int, ...]]]) -> None:
        self.entries: list[Parameter] = []
        self.layers = 0
        self.count = 0
        for layer, named in enumerate(shapes):
            self.layers = layer + 1
            for name, shape in named.items():
                entry = Parameter(layer, name, shape, self.count)
                self.entries.append(entry)
                self.count = entry.stop

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.entries)

    def views(self, w: Array) -> list[dict[str, Array]]:
        """For each layer its arrays by name, as views into `w`."""
        views: list[dict[str, Array]] = [{} for _ in range(self.layers)]
        for layer, name, part, shape in self._parts:
            views[layer][name] = w[part].reshape(shape)
        return views

    def norms(self, w: Array) -> dict[int, float]:
        """For each layer that has parameters the length of its part of `w`."""
        first: dict[int, int] = {}
        for entry in self.entries:
            first.setdefault(entry.layer, entry.start)
        stops = [*first.values(), self.count][1:]
        return {k: norm(w[a:b]) for (k, a), b in zip(first.items(), stops, strict=True)}

    @cached_property
    def _parts(self) -> list[tuple[int, str, slice, tuple[int, ...]]]:
        """The entries again, for those who go through them in every step."""
        return [(e.layer, e.name, slice(e.start, e.stop), e.shape) for e in self.entries]
