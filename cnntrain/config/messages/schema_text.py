"""The JSON Schema in words, for error messages and for the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.source.positions import KeyPath
from cnntrain.settings.types import LARGEST

Schema = Mapping[str, Any]


class Describer:
    """Reads the JSON Schema of the config."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def follow(self, part: Schema) -> Schema:
        """`part`, or the definition that it refers to."""
        reference = part.get("$ref") or next(
            (entry["$ref"] for entry in part.get("allOf", []) if "$ref" in entry), None
        )
        if reference is None:
            return part
        definition: Schema = self.schema["definitions"][str(reference).rsplit("/", 1)[1]]
        return definition

    def members(self, part: Schema) -> list[Schema]:
        """The members of a union, or `part` alone."""
        part = self.follow(part)
        if "properties" in part:
            return [part]
        union = part.get("oneOf") or part.get("anyOf")
        return [inner for entry in union for inner in self.members(entry)] if union else [part]

    def mappings(self, part: Schema) -> list[Schema]:
        """The members that are mappings."""
        return [member for member in self.members(part) if "properties" in member]

    def inner(self, part: Schema) -> list[Schema]:
        """The members that are mappings, and the entries of lists that are."""
        entries = [member.get("items", member) for member in self.members(part)]
        return [
            mapping
            for entry in entries
            if isinstance(entry, Mapping)
            for mapping in self.mappings(entry)
        ]

    def at(self, path: KeyPath, values: Any) -> Schema:
        """The part of the schema for the value at `path` in `values`."""
        part: Schema = self.schema
        for step in path:
            part = self._mapping(part, values) if isinstance(step, str) else self._list(part)
            part = part["properties" if isinstance(step, str) else "items"][step]
            values = values[step] if _holds(values, step) else None
        return self.follow(part) if "description" not in part else part

    def expected(self, part: Schema) -> str:
        """`an integer >= 1 or full`, and the like."""
        return alternatives(list(self._phrases(part)))

    def words(self, part: Schema) -> list[str]:
        """The words that `part` allows."""
        found = [word for member in self.members(part) for word in _choices(member)]
        return [word for word in found if isinstance(word, str)]

    def tag(self, part: Schema) -> tuple[str, list[str]] | None:
        """The key that tells the mappings of `part` apart, and what it may say."""
        tags = [found for member in self.mappings(part) if (found := tag_of(member))]
        return (tags[0][0], [word for _, word in tags]) if tags else None

    def keys(self, part: Schema, values: Any) -> list[str]:
        """The keys that the mapping `values` may have."""
        return list(self._mapping(part, values)["properties"])

    def _phrases(self, part: Schema) -> Iterator[str]:
        words: list[str] = []
        for member in self.members(part):
            if "properties" not in member and (choices := _choices(member)):
                words += [shown(choice) for choice in choices]
            elif "properties" not in member:
                yield _phrase(member)
        yield from words
        if mappings := self.mappings(part):
            yield _kinds([m for m in mappings if not _is_word(m, words)] or mappings, words)

    def _mapping(self, part: Schema, values: Any) -> Schema:
        members = self.mappings(part)
        if not members:  # its keys are names of one's own
            open_ones = (m["additionalProperties"] for m in self.members(part) if _is_open(m))
            return {"properties": _Everywhere(next(open_ones))}
        for member in members:
            tag = tag_of(member)
            if tag is None:
                return member
            word = values.get(tag[0]) if isinstance(values, Mapping) else values
            if word == tag[1]:  # a word may stand for a mapping that says no more
                return member
        return members[0]

    def _list(self, part: Schema) -> Schema:
        found = next(member for member in self.members(part) if member.get("type") == "array")
        items = found["items"]
        return {"items": items if isinstance(items, list) else _Everywhere(items)}


def _is_open(part: Schema) -> bool:
    return isinstance(part.get("additionalProperties"), Mapping)


class _Everywhere:
    """The same schema at every index, or key."""

    def __init__(self, part: Schema) -> None:
        self.part = part

    def __getitem__(self, step: str | int) -> Schema:
        return self.part


def tag_of(mapping: Schema) -> tuple[str, str] | None:
    """The key of a mapping with a fixed value, with that value: ("type", "conv")."""
    return next(
        ((key, part["const"]) for key, part in mapping["properties"].items() if "const" in part),
        None,
    )


def shown(value: Any) -> str:
    """A word, number or truth value as it is written in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choices(part: Schema) -> list[Any]:
    return [part["const"]] if "const" in part else list(part.get("enum", []))


def _phrase(part: Schema) -> str:
    if "title" in part:
        return str(part["title"])
    kind = part.get("type")
    if kind == "boolean":
        return "true or false"
    if kind == "array":
        return "a list of one or more mappings"
    if kind == "string":
        return "text"
    name = "an integer" if kind == "integer" else "a number"
    bounds = [
        f"{sign} {_NAMED.get(part[bound], part[bound])}"
        for bound, sign in _BOUNDS
        if bound in part and part[bound] != LARGEST
    ]
    return f"{name} {' and '.join(bounds)}" if bounds else name


def _is_word(mapping: Schema, words: list[str]) -> bool:
    """Whether a word, and nothing else, says the same as a mapping."""
    tag = tag_of(mapping)
    return tag is not None and tag[1] in words and len(mapping["properties"]) == 1


def _kinds(mappings: list[Schema], words: list[str]) -> str:
    """Which mappings there may be; `words` are allowed, too, and said before."""
    tags = [tag for mapping in mappings if (tag := tag_of(mapping))]
    if not tags:
        return "a mapping"
    key, kinds = tags[0][0], [word for _, word in tags]
    if set(kinds) <= set(words):
        return f"a mapping with one of these as {key}"
    return f"a mapping with {key}: {alternatives(kinds)}"


_NAMED = {2**63 - 1: "2^63 - 1"}
_BOUNDS = (
    ("minimum", ">="),
    ("exclusiveMinimum", ">"),
    ("maximum", "<="),
    ("exclusiveMaximum", "<"),
)


def alternatives(phrases: list[str]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(phrases[:-1]), phrases[-1]]) if len(phrases) > 1 else phrases[0]


def _holds(values: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(values, list) and 0 <= step < len(values)
    return isinstance(values, Mapping) and step in values
