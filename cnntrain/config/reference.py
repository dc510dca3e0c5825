"""The config reference: Markdown tables, made from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.schema_text import Describer, Schema, shown, tag_of


def reference() -> str:
    """A table of the top level, and one of every section, data source, layer and schedule; keys
    that, for example, all layers take have a table of their own."""
    schema = full_schema()
    del schema["properties"]["$schema"]
    describer = Describer(schema)
    waiting: list[tuple[str, Schema]] = [("The file", schema)]
    done: list[Schema] = []
    lines: list[str] = []
    while waiting:
        heading, mapping = waiting.pop(0)
        if mapping not in done:
            done.append(mapping)
            lines += _table(describer, heading, mapping)
            waiting += _within(describer, mapping)
    return "\n".join(lines).rstrip() + "\n"


def _table(describer: Describer, heading: str, mapping: Schema) -> Iterator[str]:
    yield from (f"#### {heading}", "", _paragraph(mapping), "")
    keys = _keys(mapping)
    if not keys:
        return
    yield from ("| key | value | default | meaning |", "| --- | --- | --- | --- |")
    for key in keys:
        part = mapping["properties"][key]
        text = _paragraph(part if "description" in part else describer.follow(part))
        yield f"| `{key}` | {describer.expected(part)} | {_default(key, mapping)} | {text} |"
    yield ""


def _within(describer: Describer, mapping: Schema) -> Iterator[tuple[str, Schema]]:
    """The mappings that are values in `mapping`, or entries of its lists, with headings."""
    for key in _keys(mapping):
        found = describer.inner(mapping["properties"][key])
        shared = _shared(found)
        if shared:
            tag, _ = tag_of(found[0]) or ("", "")
            yield (
                f"`{key}` with any `{tag}`",
                {"description": "Keys that all of them take.", "properties": shared},
            )
        for inner in found:
            tag, word = tag_of(inner) or ("", "")
            own = {name: part for name, part in inner["properties"].items() if name not in shared}
            yield (
                f"`{key}`" + (f" with `{tag}: {word}`" if tag else ""),
                {**inner, "properties": own},
            )


def _shared(mappings: list[Schema]) -> Schema:
    """The properties that several mappings have in common."""
    if len(mappings) < 2:
        return {}
    first, *others = (mapping["properties"] for mapping in mappings)
    return {
        key: part for key, part in first.items() if all(other.get(key) == part for other in others)
    }


def _keys(mapping: Schema) -> list[str]:
    """The keys of `mapping` but the one that the heading shows."""
    tag = tag_of(mapping)
    return [key for key in mapping["properties"] if tag is None or key != tag[0]]


def _default(key: str, mapping: Schema) -> str:
    part = mapping["properties"][key]
    if "default" in part:
        return f"`{_plain(part['default'])}`"
    return "required" if key in mapping.get("required", []) else ""


def _paragraph(part: Schema) -> str:
    return " ".join(part.get("description", "").split())


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(entry)}" for key, entry in value.items()) + "}"
    return shown(value)
