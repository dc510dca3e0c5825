"""The settings of runs: in which they differ, under the names that --set takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.config import differences
from cnntrain.config.layer_lists import lists_of, names_of
from cnntrain.config.source.writer import flow
from cnntrain.nn.layers import LAYERS as KINDS

LAYERS = "layers"


def varying_keys(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Dotted keys, except the name, in which not all of the settings of runs agree, in the order
    of a config; for a section that only some have, the keys inside it.

    Layers, in blocks as well, are told apart by name: `layers.conv1.filters`.  Where the runs have
    different ones, which cannot be set side by side, the key is `layers` alone.
    """
    alike = len({repr(_names(settings)) for settings in runs}) == 1
    views = [_view(settings, alike) for settings in runs]
    found: dict[str, None] = {}
    for view in views[1:]:
        found |= dict.fromkeys(key for key, *_ in differences(views[0], view))
    order = list(views[0]) if views else []
    keys = sorted(
        found, key=lambda key: order.index(top) if (top := key.split(".")[0]) in order else 99
    )
    return [key for key in keys if not any(other.startswith(f"{key}.") for other in found)]


def _view(settings: Mapping[str, Any], alike: bool) -> dict[str, Any]:
    """Settings as they are compared."""
    view = {key: value for key, value in settings.items() if key != "name"}
    layers = view.get(LAYERS)
    if not isinstance(layers, list):
        return view
    unique = all(len(set(names)) == len(names) for names in _names(settings))
    return {**view, LAYERS: _by_name(layers) if alike and unique else flow(layers)}


def _names(settings: Mapping[str, Any]) -> list[list[str]]:
    """Of the layers of the network, and of those of each block."""
    layers = settings.get(LAYERS)
    return [names_of(each) for _, each in lists_of(layers)] if isinstance(layers, list) else []


def _by_name(layers: list[Any]) -> dict[str, Any]:
    """A list of layers as a mapping, and those in blocks likewise."""
    made = {}
    for name, layer in zip(names_of(layers), layers, strict=True):
        kind = KINDS.get(layer)
        held = {
            key: _by_name(layer[key])
            for key in (kind.holds if kind is not None else ())
            if isinstance(layer.get(key), list)
        }
        made[name] = {**layer, **held} if held else layer
    return made


def setting(settings: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key; None where there is none."""
    value: Any = settings
    for part in key.split("."):
        if isinstance(value, list):
            names = names_of(value) if key.startswith(LAYERS) else []
            index = names.index(part) if part in names else int(part) if part.isdecimal() else -1
            if not 0 <= index < len(value):
                return None
            value = value[index]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return None
    return value
