"""Strategies for the settings of random configs, from the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.schema_text import Describer, Schema, tag_of
from cnntrain.data.augment import AUGMENTATIONS
from cnntrain.data.sources import SOURCES
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.optim.methods import OPTIMIZERS
from cnntrain.optim.schedules import SCHEDULES

Values = dict[str, Any]
FAMILIES = {
    "data": SOURCES,
    "augment": AUGMENTATIONS,
    "layers": LAYERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "learning_rate": SCHEDULES,
}
NEAR = (0.001, 0.01, 0.1, 0.5)  # real numbers, as distances from the smallest allowed
SEEN_TO = {  # by `configs`
    *FAMILIES,
    *("$schema", "epochs", "evaluate", "phases", "max_minutes", "start_from"),
}


class Settings:
    """Strategies for values that the schema allows, names and paths apart."""

    def __init__(self) -> None:
        self.schema: Schema = full_schema()
        self.describer = Describer(self.schema)

    def value(self, part: Schema, depth: int = 0) -> st.SearchStrategy[Any]:
        """What `part` of the schema allows."""
        members = self.describer.members(part)
        return st.one_of([self._member(m, depth) for m in members if depth < 4 or not _nests(m)])

    def mapping(self, mapping: Schema, depth: int = 0, skip: set[str] = set()) -> Any:  # noqa: B006
        """A mapping with the keys that it must have, and some of the others."""
        keys = {
            key: self.value(part, depth + 1)
            for key, part in mapping["properties"].items()
            if key not in skip and "pattern" not in part
        }
        required = set(mapping.get("required", ()))
        return st.fixed_dictionaries(
            {key: value for key, value in keys.items() if key in required},
            optional={key: value for key, value in keys.items() if key not in required},
        )

    def _member(self, part: Schema, depth: int) -> st.SearchStrategy[Any]:
        if "properties" in part:
            return self.mapping(part, depth)
        if "const" in part or "enum" in part:
            return st.sampled_from([part["const"]] if "const" in part else part["enum"])
        if part["type"] == "boolean":
            return st.booleans()
        if part["type"] == "integer":
            return st.integers(part["minimum"], min(part["minimum"] + 4, part["maximum"]))
        if part["type"] == "number":
            return st.sampled_from(list(_numbers(part)))
        if part["type"] == "string":
            return st.just("5%")
        if part["type"] == "object":  # by names of one's own
            inner = self.value(part["additionalProperties"], depth + 1)
            return st.dictionaries(st.just("name"), inner, min_size=1)
        items = part["items"]
        if isinstance(items, list):
            return st.tuples(*(self.value(item, depth + 1) for item in items)).map(list)
        least, words = part.get("minItems", 0), "enum" in items
        return st.lists(self.value(items, depth + 1), min_size=least, max_size=2, unique=words)


@cache
def settings() -> Settings:
    """Those of the kinds that there are."""
    return Settings()


@cache
def kinds(key: str, word: str) -> st.SearchStrategy[Any]:
    """The kind `word` of the family at the key `key` of the file, or in its list."""
    inner = settings().describer.inner(settings().schema["properties"][key])
    found = [mapping for mapping in inner if (tag_of(mapping) or ())[1:] == (word,)]
    return settings().mapping(found[0]) if found else st.just(word)


@cache
def phases() -> st.SearchStrategy[list[Values]]:
    """One phase or two."""
    (phase,) = settings().describer.inner(settings().schema["properties"]["phases"])
    return st.lists(settings().mapping(phase), min_size=1, max_size=2)


@cache
def others() -> st.SearchStrategy[Values]:
    """The keys of the file that `configs` does not see to."""
    return settings().mapping(settings().schema, skip=SEEN_TO)


def _nests(part: Schema) -> bool:
    """Whether a mapping holds layers again."""
    return "layers" in part.get("properties", {})


def _numbers(part: Schema) -> Iterator[float]:
    """Some numbers between the bounds, and these where they are allowed."""
    low = part.get("minimum", part.get("exclusiveMinimum", 0))
    high = part.get("maximum", part.get("exclusiveMaximum", float("inf")))
    yield from (low + distance for distance in NEAR if low + distance < high)
    yield from (float(part[bound]) for bound in ("minimum", "maximum") if bound in part)
