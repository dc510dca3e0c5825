"""Values of settings as text for people."""

from __future__ import annotations

from typing import Any, cast

from pydantic import ValidationError

from cnntrain.comparison.settings import LAYERS
from cnntrain.config.source.writer import flow
from cnntrain.nn.layers import LAYERS as KINDS
from cnntrain.text import printable


def value_text(value: Any) -> str:
    """A value of a setting, "-" where there is none."""
    return "-" if value is None else flow(value)


def setting_text(key: str, value: Any) -> str:
    """A value for people; layers with what is not as by default: conv1(8, 3, same)."""
    if key != LAYERS or not isinstance(value, list):
        return printable(value_text(value), 2000)
    return printable(" ".join(_layer(layer) for layer in value), 2000)


def _layer(layer: Any) -> str:
    kind = KINDS.get(layer)
    try:
        settings = cast(Any, kind).model_validate(layer)
    except (AttributeError, ValidationError):  # written by another version
        return flow(layer)
    given = settings.model_dump(exclude_defaults=True, exclude={"name", settings.tag})
    words = [
        f"{key} {flow(value)}" if isinstance(value, bool) else flow(value)
        for key, value in settings.model_dump(mode="json").items()
        if key in given
    ]
    return f"{settings.name}({', '.join(words)})" if words else settings.name
