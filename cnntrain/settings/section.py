"""A section of the config: a mapping with known keys, each with a type, a default and a help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from cnntrain.text import pluralize

Doubt = tuple[str, str]  # a key, and what is doubtful about its value


class Section(BaseModel):
    """A mapping of the config: only known keys, no conversions, never changed.

    plain   the key whose value alone may stand for the section, "" where none may
    """

    plain: ClassVar[str] = ""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True
    )

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        """What is legal here and probably a mistake in a training, or a phase of it, of `epochs`
        epochs: keys, each with what to say of it, such as "is 10, with 5 epochs: ..."."""
        yield from ()


def exceeds(value: float, epochs: int, consequence: str) -> str:
    """What to say of a number of epochs that is too large for a training of `epochs` epochs."""
    return f"is {value:g}, with {pluralize(epochs, 'epoch')}: {consequence}"


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


# Where the JSON Schema keeps the names that other tools have for a key or a kind, and for the
# words of a family by word.  They serve error messages and are not published.
ALSO, WORDS_ALSO = "also", "words_also"

# Where the JSON Schema keeps what a family is known as: beside its members, and alone where it is
# met again inside of these.
FAMILY = "family"
