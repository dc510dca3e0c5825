"""Names with parts from the config: `{name}-{seed}`, `{learning_rate.initial}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.resolved import resolved
from cnntrain.config.schema import Config
from cnntrain.config.source.writer import flow
from cnntrain.errors import UsageError
from cnntrain.nn.layers import LAYERS
from cnntrain.text import nearest, printable

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SAFE = re.compile(r"[A-Za-z0-9._+-]+")


def fill(template: str, config: Config) -> str:
    """`template` with each {KEY} replaced by the value at that dotted key of `config`; a layer is
    known by its number or its name.

    Raises UsageError for keys that are not there, and for values that are no part of a name.
    """
    settings = resolved(config)
    by_name = dict(plain_values("", {**settings, "layers": _by_name(settings["layers"])}))
    values = {**dict(plain_values("", settings)), **by_name}

    def value(match: re.Match[str]) -> str:
        key = match[1]
        if key not in values:
            near = nearest(key, by_name)
            hint = f"did you mean {{{near}}}?" if near else "expected a key such as {seed}"
            raise UsageError(f"unknown placeholder {{{printable(key)}}} ({hint})")
        text = values[key] if isinstance(values[key], str) else flow(values[key])
        if not _SAFE.fullmatch(text):
            raise UsageError(f"{{{key}}} is {printable(text)}, which cannot be part of a name")
        return text

    filled = _PLACEHOLDER.sub(value, template)
    if "{" in filled or "}" in filled:
        raise UsageError(f"a brace without its other half in {printable(template)}")
    return filled


def _by_name(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Layers as --set knows them, those of a block beside its other keys."""
    made: dict[str, Any] = {}
    for layer in layers:
        lists = (key for key in LAYERS[layer["type"]].holds if layer[key] != "none")
        held = {key: _by_name(layer[key]) for key in lists}
        made[layer["name"]] = {**layer, **held, **held.pop("layers", {})}
    return made


def plain_values(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Dotted keys of everything in a resolved config that is a plain value."""
    if isinstance(value, Mapping | list):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, inner in pairs:
            yield from plain_values(f"{key}.{name}" if key else str(name), inner)
    elif key:
        yield key, value
