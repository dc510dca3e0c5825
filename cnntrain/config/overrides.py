"""Values that replace those of a config file: --set KEY=VALUE, and their like in Python."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.config.layer_lists import names_of
from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, Located, Place, Positions, dotted
from cnntrain.config.source.yaml import MAX_DEPTH, parse_value
from cnntrain.errors import ConfigError
from cnntrain.nn.layers import LAYERS
from cnntrain.settings import Described
from cnntrain.settings.slots import Slot, slot_at
from cnntrain.text import nearest, printable


@dataclass(frozen=True)
class Override:
    """The `value` for a dotted `key`, and how it was given, for messages."""

    key: str
    value: Any
    source: str


Overrides = Mapping[str, Any] | Sequence[Override]


def parse_overrides(texts: Iterable[str]) -> list[Override]:
    """The arguments of --set, each KEY=VALUE with VALUE in YAML.  Raises ConfigError."""
    overrides: list[Override] = []
    problems: list[str] = []
    for text in texts:
        key, equals, value = text.partition("=")
        source = f"--set {printable(text, 200)}"
        try:
            if not equals or not key.strip():
                raise ConfigError([f"{source}: error: no key and value, expected KEY=VALUE"])
            overrides.append(Override(key.strip(), parse_value(value, source), source))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return overrides


def as_overrides(given: Overrides | None) -> list[Override]:
    """`given` in the order in which it applies."""
    if not isinstance(given, Mapping):
        return list(given or ())
    return [
        Override(str(key), plain(value), f"override {printable(key)}={printable(value)}")
        for key, value in given.items()
    ]


def apply(
    overrides: Iterable[Override],
    values: dict[str, Any],
    positions: Positions,
    given: Collection[KeyPath] | None = None,
) -> tuple[list[KeyPath], list[Located]]:
    """Put `overrides` into `values`: the paths that they replaced, and problems with their keys.

    Another kind, such as optimizer.type, drops the settings that it does not have.

    given   the paths of what `values` say because somebody wrote it, where they have all defaults
            written out: other defaults do not outlive their kind; None: all is given
    """
    replaced, problems = [], []
    for turn, override in enumerate(overrides, start=1):
        place = Place(turn, 0, 0, override.source)
        values.update(Slot((Config,)).written_out(values))
        try:
            path = _put(override, values, positions, given)
        except LookupError as error:
            problems.append((place, str(error.args[0])))
        else:
            positions.replace(path, place)
            replaced.append(path)
    return replaced, problems


def _put(
    override: Override,
    values: dict[str, Any],
    positions: Positions,
    given: Collection[KeyPath] | None,
) -> KeyPath:
    """Put one override into `values`; the path of what it replaced or added.

    Raises LookupError where its key leads nowhere.
    """
    *outer, last = override.key.split(".")
    node: Any = values
    path: KeyPath = ()
    added: KeyPath | None = None  # the outermost mapping that had to be made
    for step in outer:
        node, path = _among_layers(node, step, path)
        index = _index(node, step, path)
        if isinstance(index, str):
            slot = slot_at(Config, (*path, index), values)
            if index in node:
                node[index] = slot.spelt_out(node[index])
            if _is_absent(node, index, slot):
                node[index] = slot.start() or {}
                added = added or (*path, index)
        node, path = node[index], (*path, index)
    node, path = _among_layers(node, last, path)
    index = _index(node, last, path)
    if isinstance(index, str):
        for family in slot_at(Config, path, values).families:
            old, new = family.get(node), family.get({index: override.value})
            if old is not None and old.tag == index:
                dropped = _outdated(node, old, new, path, positions, given)
                for key in list(dropped):
                    del node[key]
    node[index] = override.value
    return added or (*path, index)


def _is_absent(mapping: dict[str, Any], key: str, slot: Slot) -> bool:
    """Whether there is nothing at `key` that keys could be set in.  A section may be turned off by
    `none`, or give way to a word, such as `end` where {epochs: 5} may stand."""
    if slot.start() is None:
        return key not in mapping
    value = mapping.get(key)
    return value in (None, "none") or (isinstance(value, str) and not slot.families)


def _outdated(
    section: Mapping[str, Any],
    old: type[Described],
    new: type[Described] | None,
    path: KeyPath,
    positions: Positions,
    given: Collection[KeyPath] | None,
) -> Iterator[str]:
    """Settings of the section at `path` that do not outlive its change from one kind to another.

    What another override has set does: that is a contradiction, which the check reports.
    """
    for key in section.keys() & old.model_fields.keys() - {old.tag}:
        place = positions.value((*path, key))
        if place is not None and place.turn > 0:
            continue
        known = new is not None and key in new.model_fields
        default = old.model_fields[key].default
        if not known or (
            given is not None and (*path, key) not in given and section[key] == default
        ):
            yield key


def _among_layers(node: Any, step: str, path: KeyPath) -> tuple[Any, KeyPath]:
    """The layers of the block `node` for a step that is none of its keys, else `node`: conv1 of
    layers.block1.conv1."""
    kind = LAYERS.get(node)
    if not isinstance(node, dict) or kind is None or not kind.holds or step in kind.model_fields:
        return node, path
    inner = node.get("layers")
    if not isinstance(inner, list) or (
        step not in names_of(inner) and nearest(step, kind.model_fields)
    ):
        return node, path  # where it is an unknown key
    return inner, (*path, "layers")


def _index(node: Any, step: str, path: KeyPath) -> str | int:
    """`step` as a key of the mapping, or as an index of the list, `node`."""
    if isinstance(node, dict):
        return step
    if not isinstance(node, list):
        raise LookupError(f"no key {printable(step)} in {dotted(path)}, which is no mapping")
    if step.isascii() and step.isdigit() and len(step) < 10:
        if int(step) < len(node):
            return int(step)
        raise LookupError(f"no entry {step} in {dotted(path)}, which has {len(node)} (0 is first)")
    names = names_of(node) if path[:1] == ("layers",) else []
    if names.count(step) == 1:
        return names.index(step)
    close = nearest(step, names)
    hint = f" (did you mean {printable(close)}?)" if close else ""
    raise LookupError(
        f"no entry {printable(step)} in {dotted(path)}, expected a number or a layer's name{hint}"
    )


def plain(value: Any, depth: int = 0) -> Any:
    """A copy of `value` as YAML would give it: dicts, lists, text for paths, and numbers for those
    of NumPy.  Raises ConfigError where it is nested deeper than YAML may be."""
    if depth > MAX_DEPTH:
        raise ConfigError(
            [f"found values nested deeper than {MAX_DEPTH} levels, expected a config"]
        )
    if isinstance(value, Mapping):
        return {str(key): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, depth + 1) for entry in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.tolist() if hasattr(value, "tolist") else value
