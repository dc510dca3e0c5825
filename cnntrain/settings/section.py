"""A section of the config: a mapping with known keys, each with a type, a default and a help."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A mapping of the config: only known keys, no conversions, never changed."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True
    )


def setting(help: str, default: Any = ..., *, also: str = "", **bounds: Any) -> Any:
    """One key of a section, as a class attribute.

    help      a sentence for the reference, for editors and for error messages
    default   the value of an absent key; without one the key is required
    also      what other tools call the key, words in lower case without `_` and `-`
    bounds    gt, ge, lt, le, min_length, default_factory and the like, as in pydantic's Field
    """
    if also:
        bounds["json_schema_extra"] = {ALSO: also.split(), **bounds.get("json_schema_extra", {})}
    if "default_factory" in bounds:
        return Field(description=help, **bounds)
    return Field(default, description=help, **bounds)


ALSO = "also"  # the key of the JSON Schema under which other names are kept; not published
