"""The settings of runs: in which they differ, under the names that --set takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.config import differences
from cnntrain.config.messages.checks import names_of
from cnntrain.config.source.writer import flow

LAYERS = "layers"


def varying_keys(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Dotted keys, except the name, in which not all of the settings of runs agree, in the order
    of a config; for a section that only some have, the keys inside it.

    Layers are told apart by name: `layers.conv1.filters`.  Where the runs have different ones,
    which cannot be set side by side, the key is `layers` alone.
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
    named = dict(zip(_names(settings), layers, strict=True))
    return {**view, LAYERS: named if alike and len(named) == len(layers) else flow(layers)}


def _names(settings: Mapping[str, Any]) -> list[str]:
    layers = settings.get(LAYERS)
    return names_of(layers) if isinstance(layers, list) else []


def setting(settings: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key; None where there is none."""
    value: Any = settings
    for depth, part in enumerate(key.split(".")):
        if isinstance(value, list):
            names = _names(settings) if depth == 1 and key.startswith(LAYERS) else []
            index = names.index(part) if part in names else int(part) if part.isdecimal() else -1
            if not 0 <= index < len(value):
                return None
            value = value[index]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return None
    return value
