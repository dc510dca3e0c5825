"""The config reference: every key with its values, default and meaning, read from the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.schema_text import Describer, Schema, shown, tag_of
from cnntrain.config.messages.synonyms import Vocabulary
from cnntrain.errors import UsageError
from cnntrain.text import nearest, printable

REQUIRED = "required"
COMMON = "Keys that all of them take."


@dataclass(frozen=True)
class Entry:
    """One key.

    address   the way to it from the top of the file: "layers.conv.padding"
    value     what it may be: "valid, same or an integer >= 0"
    default   as in YAML; "required" where the key must be given, "" where it may be left out
    about     one or more sentences
    """

    address: str
    value: str
    default: str
    about: str

    @property
    def name(self) -> str:
        """The key itself: "padding"."""
        return self.address.rpartition(".")[2]


@dataclass(frozen=True)
class Section:
    """A mapping of the config, or the keys that all mappings of a family have in common.

    path   the way to it from the top of the file, "" for the file itself: "layers"
    tag    the key and the word that tell it from the others of its family: ("type", "conv").
           The word is "" for what all of them have in common; both are "" outside a family
    """

    path: str
    tag: tuple[str, str]
    about: str
    entries: tuple[Entry, ...]

    @property
    def address(self) -> str:
        """What `find` knows it by: "layers.conv"."""
        return _joined(self.path, self.tag[1])


class Reference:
    """The schema as text: all of it, or what one address names."""

    def __init__(self) -> None:
        schema = full_schema()
        del schema["properties"]["$schema"]
        self._file: Schema = schema
        self._describer, self._vocabulary = Describer(schema), Vocabulary(schema)

    def sections(self) -> Iterator[Section]:
        """The file, then every section, data source, layer, schedule ... once, outer ones first.

        Keys that a whole family has in common form a section of their own, before the others.
        """
        waiting: list[tuple[str, tuple[str, str], Schema]] = [("", ("", ""), self._file)]
        done: list[Schema] = []
        while waiting:
            path, tag, mapping = waiting.pop(0)
            if mapping not in done:
                done.append(mapping)
                yield self._section(path, tag, mapping)
                for key, part in _keys(mapping).items():
                    family = _family(self._describer.inner(part))
                    waiting += [(_joined(path, key), *member) for member in family]

    def find(self, address: str) -> tuple[list[Entry], list[Section]]:
        """The key at `address`, with the mappings that it may hold; or no key and one mapping.

        "layers.conv.padding" is a key; so is "layers", which may hold a mapping for each type of
        layer; "layers.conv" is one of those.  The word may be left out: "layers.bias" is the key
        of every layer that has one, as one entry if it means the same in all of them.

        Raises UsageError where the config has no such key, with the nearest one.
        """
        here, entries, walked, in_family = [self._file], list[Entry](), "", False
        for step in address.split("."):
            words = {word: m for m in here if (word := _tag(m)[1]) and in_family}
            holders = [mapping for mapping in here if step in _keys(mapping)]
            if step not in words and not holders:
                known = [*words, *(key for mapping in here for key in _keys(mapping))]
                raise UsageError(self._unknown(address, walked, step, known))
            if step in words:
                here, entries, in_family = [words[step]], [], False
            else:
                entries = self._entries(walked, step, holders)
                parts = [mapping["properties"][step] for mapping in holders]
                here = _distinct([held for part in parts for held in self._describer.inner(part)])
                in_family = True
            walked = _joined(walked, step)
        path = walked if entries else walked.rpartition(".")[0]
        return entries, [self._section(path, _tag(mapping), mapping) for mapping in here]

    def _section(self, path: str, tag: tuple[str, str], mapping: Schema) -> Section:
        at = _joined(path, tag[1])
        entries = tuple(self._entry(_joined(at, key), mapping) for key in _keys(mapping))
        return Section(path, tag, _paragraph(mapping), entries)

    def _entry(self, address: str, mapping: Schema) -> Entry:
        key = address.rpartition(".")[2]
        part = mapping["properties"][key]
        about = _paragraph(part if "description" in part else self._describer.follow(part))
        return Entry(address, self._describer.expected(part), _default(key, mapping), about)

    def _entries(self, path: str, key: str, holders: Sequence[Schema]) -> list[Entry]:
        """What `key` means in each mapping of a family that has it; one entry where they agree."""
        same = _distinct([self._entry(_joined(path, key), mapping) for mapping in holders])
        if len(same) == 1:
            return same
        paths = [_joined(path, _tag(mapping)[1]) for mapping in holders]
        return [
            self._entry(_joined(path, key), mapping)
            for path, mapping in zip(paths, holders, strict=True)
        ]

    def _unknown(self, address: str, walked: str, step: str, known: Sequence[str]) -> str:
        """That `step` of `address` is not among those `known` at `walked`, and what was meant."""
        elsewhere: dict[str, str] = {}  # first address by its last step
        for section in self.sections():
            for found in (section.address, *(entry.address for entry in section.entries)):
                elsewhere.setdefault(found.rpartition(".")[2], found)
        near = self._vocabulary.counterpart(step, known) or (
            None if step in elsewhere else nearest(step, known)
        )
        other = elsewhere.get(self._vocabulary.meaning(step, elsewhere) or "")
        meant = _joined(walked, near) if near else other
        remark = f"did you mean {meant}?" if meant else "cnntrain reference prints all of them"
        return f"the config has no key {printable(address)} ({remark})"


def markdown(entries: Sequence[Entry], sections: Sequence[Section]) -> str:
    """A table of `entries`, if there are any, then a heading and a table for each section."""
    lines = [*_table((entry.address, entry) for entry in entries)]
    for section in sections:
        lines += [f"#### {_heading(section)}", "", section.about, ""]
        lines += _table((entry.name, entry) for entry in section.entries)
    return "\n".join(lines).rstrip() + "\n"


def _table(entries: Iterable[tuple[str, Entry]]) -> Iterator[str]:
    """A row for each entry, under a name for it; no table where there are none."""
    for number, (name, entry) in enumerate(entries):
        if number == 0:
            yield from ("| key | value | default | meaning |", "| --- | --- | --- | --- |")
        default = f"`{entry.default}`" if entry.default not in {"", REQUIRED} else entry.default
        yield f"| `{name}` | {entry.value} | {default} | {entry.about} |"
    yield ""


def _heading(section: Section) -> str:
    key, word = section.tag
    if not section.path:
        return "The file"
    if not key:
        return f"`{section.path}`"
    return f"`{section.path}` with " + (f"`{key}: {word}`" if word else f"any `{key}`")


def _family(mappings: list[Schema]) -> Iterator[tuple[tuple[str, str], Schema]]:
    """Mappings with their tags, without the keys that they have in common: those come first, as a
    mapping of their own."""
    shared = _shared(mappings)
    if shared:
        yield (_tag(mappings[0])[0], ""), {"description": COMMON, "properties": shared}
    for mapping in mappings:
        own = {key: part for key, part in mapping["properties"].items() if key not in shared}
        yield _tag(mapping), {**mapping, "properties": own}


def _shared(mappings: list[Schema]) -> dict[str, Schema]:
    """The properties that several mappings have in common."""
    if len(mappings) < 2:
        return {}
    first, *others = (mapping["properties"] for mapping in mappings)
    return {
        key: part for key, part in first.items() if all(other.get(key) == part for other in others)
    }


def _tag(mapping: Schema) -> tuple[str, str]:
    return tag_of(mapping) or ("", "")


def _keys(mapping: Schema) -> dict[str, Schema]:
    """The properties of `mapping` but the one that tells it from others."""
    tag, _ = _tag(mapping)
    return {key: part for key, part in mapping["properties"].items() if key != tag}


def _default(key: str, mapping: Schema) -> str:
    part = mapping["properties"][key]
    if "default" in part:
        return _plain(part["default"])
    return REQUIRED if key in mapping.get("required", []) else ""


def _paragraph(part: Schema) -> str:
    return " ".join(part.get("description", "").split())


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(entry)}" for key, entry in value.items()) + "}"
    return shown(value)


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}".strip(".")


def _distinct(values: Sequence[Any]) -> list[Any]:
    """`values` without repetitions; they need not be hashable."""
    return [value for index, value in enumerate(values) if value not in values[:index]]
