"""What stands at a key: sections and kinds, found from the annotations of a section's fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, get_args, get_origin

from cnntrain.settings.family import Described, Family
from cnntrain.settings.section import Section

Held = Family[Any] | type[Section]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Slot:
    """The place of a value.

    held      the families and sections whose members may stand there
    entries   those whose members may stand in a list there
    default   the value of an absent key
    """

    held: tuple[Held, ...] = ()
    entries: tuple[Held, ...] = ()
    default: Any = None

    @property
    def families(self) -> list[Family[Any]]:
        """The families among what may stand there."""
        return [held for held in self.held if isinstance(held, Family)]

    def kind(self, value: Any) -> type[Section] | None:
        """The class of the mapping `value`, as far as it says what it is."""
        for held in self.held:
            if isinstance(held, Family) and (kind := held.get(value)) is not None:
                return kind
            if not isinstance(held, Family) and isinstance(value, Mapping):
                return held
        return None

    def inner(self, step: str | int, value: Any) -> Slot:
        """The slot of the entry `step` of `value`, which stands here and may be wrong."""
        if isinstance(step, int):
            return Slot(self.entries)
        kind = self.kind(value)
        return slot(kind, step) if kind is not None else Slot()

    def written_out(self, value: Any) -> Any:
        """`value`, with every word and number in it that stands for a kind as a mapping."""
        if isinstance(value, list):
            entry = Slot(self.entries)
            return [entry.written_out(part) for part in value]
        for family in self.families:
            value = family.written_out(value)
        value = self.spelt_out(value)
        if not isinstance(value, dict):
            return value
        return {key: self.inner(key, value).written_out(part) for key, part in value.items()}

    def spelt_out(self, value: Any) -> Any:
        """`value`, or the section that it stands for as the value of one of its keys."""
        keys = [held.plain for held in self.held if not isinstance(held, Family) and held.plain]
        return {keys[0]: value} if keys and isinstance(value, str) and value != "none" else value

    def start(self) -> dict[str, Any] | None:
        """The mapping that keys are set in where there is none; None where none can stand."""
        if not self.held:
            return None
        if isinstance(self.default, Described):
            return {self.default.tag: self.default.word()}
        numbers = [family.number[0] for family in self.families if family.number]
        return {numbers[0].tag: numbers[0].word()} if numbers else {}


def slot(section: type[Section], key: str) -> Slot:
    """The slot of the key of a section; an empty one where it has no such key."""
    field = section.model_fields.get(key)
    if field is None:
        return Slot()
    parts = (field.annotation, *field.metadata)
    own, listed = (
        tuple(held for part in parts for held in _held(part, in_list)) for in_list in (False, True)
    )
    return Slot(own, listed, field.default)


def slot_at(section: type[Section], path: Path, values: Any) -> Slot:
    """The slot at `path` below a section with the plain `values`, which may be wrong."""
    here = Slot((section,))
    for step in path:
        here = here.inner(step, values)
        inside = isinstance(values, Mapping) and step in values
        inside = inside or (isinstance(values, list) and isinstance(step, int))
        values = values[step] if inside else None
    return here


def _held(part: Any, in_list: bool) -> Iterator[Held]:
    """The families and sections that an annotation names, itself or as entries of a list."""
    if isinstance(part, Family):
        if not in_list:
            yield part
    elif get_origin(part) is tuple:
        if in_list:
            for entry in get_args(part):
                if not isinstance(entry, EllipsisType):
                    yield from _held(entry, False)
    elif isinstance(part, type) and issubclass(part, Section):
        if not in_list and not issubclass(part, Described):  # those are named by their family
            yield part
    else:
        for inner in get_args(part):
            yield from _held(inner, in_list)
