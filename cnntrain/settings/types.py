"""Types of values in a config, and how the members of a union are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

LARGEST = 10**9  # of counts: far beyond use, and safe in 64-bit arithmetic


_KINDS: dict[type, str] = {
    str: "<word>",
    int: "<integer>",
    float: "<real>",
    list: "<list>",
    tuple: "<list>",
}


def tagged(key: str = "") -> Discriminator:
    """Tells the members of a union apart: mappings by the word at `key`, all else by its kind.

    Members are marked with Tag("<conv>") or with one of the tags below, so that a wrong value is
    one problem of one member, or of the union itself, never of every member in turn.
    """

    def tag(value: Any) -> str | None:
        if isinstance(value, BaseModel | Mapping):
            word = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
            return f"<{word}>" if isinstance(word, str) else "<mapping>"
        return _KINDS.get(type(value))

    return Discriminator(tag)


def _entries(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_real(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _written(value: Any) -> Any:
    if value is None:
        raise ValueError("a value is required")
    return value


AMapping = Tag("<mapping>")
AnInteger = Tag("<integer>")
AReal = Tag("<real>")
AWord = Tag("<word>")
AList = Tag("<list>")
from_list = BeforeValidator(_entries)  # YAML knows lists only; a config holds nothing that changes
from_integer = BeforeValidator(_as_real)  # a number may be written without a point
written = BeforeValidator(_written)  # None means that a key is absent, and cannot be written

Count = Annotated[int, Field(ge=1, le=LARGEST)]
Whole = Annotated[int, Field(ge=0, le=LARGEST)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, lt=1)]
Sides = Annotated[
    tuple[Count, ...],
    Field(min_length=1, max_length=2, title="a list [height, width] or [length]"),
    from_list,
]
Size = Annotated[Annotated[Count, AnInteger] | Annotated[Sides, AList], tagged()]
Auto = Annotated[Annotated[Literal["auto"], AWord] | Annotated[Count, AnInteger], tagged()]
Choice = TypeVar("Choice")  # members that are marked with tags
OrNone = Annotated[Annotated[Literal["none"], AWord] | Choice, tagged()]
Real = TypeVar("Real")
Range = Annotated[tuple[Real, Real], Field(title="a list [lowest, highest]"), from_list]
RealOrRange = Annotated[Real, AReal] | Annotated[Range[Real], AList]  # from which one is drawn
Number = Annotated[OrNone[Annotated[Positive, AReal]], from_integer]  # a number > 0, or none
