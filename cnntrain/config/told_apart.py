"""Unions of the JSON Schema in a form that makes for good messages.

Where a value fits no member of a `oneOf`, a validator can only say so.  Here the members are told
apart as the config tells them apart, by the type of the value and by the tag of a mapping, with
`if` and `then`: a wrong value is held against the one member that it was meant to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnntrain.config.messages.schema_text import Describer, Schema, tag_of

UNION = "oneOf"


def told_apart(schema: Schema) -> dict[str, Any]:
    """`schema`, in draft-07, without unions."""
    describer = Describer(schema)

    def rewritten(part: Any) -> Any:
        if isinstance(part, list):
            return [rewritten(entry) for entry in part]
        if not isinstance(part, Mapping):
            return part
        if UNION in part:
            return rewritten({**_without_union(part), **_by_type(part, describer)})
        return {key: rewritten(value) for key, value in part.items()}

    made: dict[str, Any] = rewritten(schema)
    return made


def _without_union(part: Schema) -> Schema:
    return {key: value for key, value in part.items() if key != UNION}


def _by_type(part: Schema, describer: Describer) -> Schema:
    """What the type of a value asks of it."""
    by_type: dict[str, list[Schema]] = {}
    for member in _members(part):
        by_type.setdefault(_type_of(describer.follow(member)), []).append(member)
    rules = {kind: _either(group, describer) for kind, group in by_type.items()}
    if len(rules) == 1:
        return {"allOf": list(rules.values())}
    conditions: dict[str, Schema] = {kind: {"type": kind} for kind in rules}
    if {"integer", "number"} <= set(rules):
        conditions["number"] = {"type": "number", "not": {"type": "integer"}}
    return {
        "type": list(rules),
        "allOf": [{"if": conditions[kind], "then": rule} for kind, rule in rules.items()],
    }


def _members(part: Schema) -> Iterable[Schema]:
    for member in part.get(UNION, [part]):
        yield from _members(member) if UNION in member else [member]


def _type_of(member: Schema) -> str:
    """The type of the values that `member` allows: that of words is string."""
    return str(member.get("type", "string"))


def _either(group: list[Schema], describer: Describer) -> Schema:
    """Members for values of one type: words, mappings with a tag, or one of anything else."""
    if len(group) == 1:
        return group[0]
    words = [word for member in group for word in describer.words(member)]
    tags = [tag_of(mapping) for member in group for mapping in describer.mappings(member)]
    if words:
        return {"enum": words}
    key, *_ = (tag[0] for tag in tags if tag)
    return {
        "required": [key],
        "properties": {key: {"enum": [tag[1] for tag in tags if tag]}},
        "allOf": [
            {"if": _has(key, tag[1]), "then": member}
            for tag, member in zip(tags, group, strict=True)
            if tag
        ],
    }


def _has(key: str, word: str) -> Schema:
    """Mappings with this word at `key`."""
    return {"required": [key], "properties": {key: {"const": word}}}
