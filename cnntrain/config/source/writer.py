"""Plain values to YAML that reads back as the same values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cnntrain.config.source import scalars


def to_yaml(values: Mapping[str, Any], block: Collection[str] = ()) -> str:
    """One line a key; the entries of lists, and of mappings whose key is in `block`, below it."""
    lines: list[str] = []
    for key, value in values.items():
        name = scalars.write(key)
        if isinstance(value, list) and value:
            lines += [f"{name}:", *(f"  - {flow(entry)}" for entry in value)]
        elif key in block and isinstance(value, Mapping) and value:
            lines += [f"{name}:", *(f"  {_pair(*item)}" for item in value.items())]
        else:
            lines.append(f"{name}: {flow(value)}")
    return "".join(f"{line}\n" for line in lines) or "{}\n"


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pair(*item) for item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(entry) for entry in value) + "]"
    return scalars.write(value)


def _pair(key: str, value: Any) -> str:
    return f"{scalars.write(key)}: {flow(value)}"
