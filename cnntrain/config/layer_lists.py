"""Lists of layers in plain values, which may be wrong: names in them, and the lists in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.source.positions import KeyPath
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.layers.names import full_names


def names_of(layers: list[Any]) -> list[str]:
    """The names that the layers of a list have in it, as far as they are mappings with types."""
    return full_names([(text_of(layer, "type") or "", text_of(layer, "name")) for layer in layers])


def lists_of(layers: list[Any], path: KeyPath = ("layers",)) -> Iterator[tuple[KeyPath, list[Any]]]:
    """The list `layers`, which is at `path`, and those in its blocks, by their paths."""
    yield path, layers
    for index, layer in enumerate(layers):
        kind = LAYERS.get(layer)
        for key in kind.holds if kind is not None else ():
            if isinstance(inner := value_of(layer, key), list):
                yield from lists_of(inner, (*path, index, key))


def value_of(layer: Any, key: str) -> Any:
    """What a layer, which may be a word, says of a key."""
    return layer.get(key) if isinstance(layer, Mapping) else None


def text_of(layer: Any, key: str) -> str | None:
    """The same, where it is text."""
    value = value_of(layer, key)
    return value if isinstance(value, str) else None
