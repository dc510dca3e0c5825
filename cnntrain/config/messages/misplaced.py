"""The right place of a key that stands in the wrong section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnntrain.config.messages.schema_text import Describer, Schema, alternatives, tag_of
from cnntrain.config.messages.synonyms import Vocabulary
from cnntrain.config.source.positions import KeyPath
from cnntrain.nn.layers import LAYERS

TOP = "the top level"
REPEATED = "phases"  # what is in there is a section of its own, too
LAYERS_KEY = "layers"
IN_BLOCKS = {key for kind in LAYERS for key in kind.holds}  # where layers stand again


class Section(NamedTuple):
    """A mapping that a config may hold: the dotted path to it, without numbers; the key and word
    that tell it apart from others there; and its keys."""

    path: str
    tag: tuple[str, str] | None
    keys: list[str]


def home(word: str, path: KeyPath, describer: Describer, vocabulary: Vocabulary) -> str | None:
    """The section that has the key `word`, found in the mapping at `path`: "a key of data: test".

    None where no section has such a key.
    """
    here = _outside_blocks(step for step in path if isinstance(step, str) and step != REPEATED)
    found: dict[str, list[str]] = {}  # sections by what the key is called there
    outermost_first = sorted(
        _sections(describer, describer.schema, ""), key=lambda section: section.path.count(".")
    )
    for section in outermost_first:
        key = vocabulary.counterpart(word, section.keys)
        if key is not None:
            tag = section.tag if section.path == here else None
            place = f"{tag[0]}: {tag[1]}" if tag else section.path or TOP
            found.setdefault(key, []).append(place)
    if (key := vocabulary.counterpart(word, found)) is None:
        return None
    places = alternatives(list(dict.fromkeys(found[key])))
    return f"a key of {places}" + ("" if key == word else f": {key}")


def _outside_blocks(steps: Iterable[str]) -> str:
    """The dotted path where a layer in a block would stand outside."""
    first, *rest = (*steps, "")
    while first == LAYERS_KEY and rest[0] in IN_BLOCKS:
        rest = rest[1:]
    return ".".join((first, *rest)).strip(".")


def _sections(describer: Describer, mapping: Schema, path: str) -> Iterator[Section]:
    """`mapping` and the mappings in it."""
    yield Section(path, tag_of(mapping), list(mapping["properties"]))
    for key, part in mapping["properties"].items():
        if key != REPEATED and not (path == LAYERS_KEY and key in IN_BLOCKS):
            for inner in describer.inner(part):
                yield from _sections(describer, inner, f"{path}.{key}".lstrip("."))
