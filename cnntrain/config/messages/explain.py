"""From pydantic's errors to problems in the words of the config, one for each cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.misplaced import home
from cnntrain.config.messages.schema_text import Describer, shown
from cnntrain.config.messages.synonyms import Vocabulary
from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, Problem, dotted
from cnntrain.settings.types import LARGEST
from cnntrain.text import printable

Tag = tuple[str, list[str]]  # the key that says which kind a mapping is, and the kinds

_KNOWN_ELSEWHERE = ("extra_forbidden", "default_factory_not_called")


def explain(error: ValidationError, values: Any) -> tuple[list[Problem], dict[KeyPath, Any]]:
    """The problems of `values` that `error` reports.

    Where a mapping names its kind in the words of another tool, or misspelt, its other keys are
    checked against the kind that was meant, so that all mistakes are told at once.  Those mappings
    are returned as they were meant, by path.
    """
    reports = [(_path(entry), entry["type"]) for entry in error.errors(include_url=False)]
    explainer = Explainer(values)
    problems: list[Problem] = []
    meant: set[KeyPath] = set()  # missing keys that stand there under another name
    for path, kind in reports:
        if kind == "extra_forbidden":
            problem, intended = explainer.unknown(path)
            problems.append(problem)
            if intended is not None:
                meant.add((*path[:-1], intended))
    for path, kind in reports:
        if kind not in _KNOWN_ELSEWHERE and not _is_echo(path, kind, reports):
            problems += explainer.others(path, kind, meant)
    kinds = explainer.kinds_meant
    if kinds:
        corrected = with_others(values, kinds)
        try:
            Config.model_validate(corrected)
        except ValidationError as second:
            more, inner = explain(second, corrected)
            problems += [p for p in more if any(p.path[: len(path)] == path for path in kinds)]
            kinds = {path: with_others(kind, inner, path) for path, kind in kinds.items()}
    return list(dict.fromkeys(problems)), kinds


class Explainer:
    """Says what is wrong in `values`, with the schema as it is now for its words.

    kinds_meant   mappings as they were meant, by path, that do not name a kind there is
    """

    def __init__(self, values: Any) -> None:
        self.values = values
        self.kinds_meant: dict[KeyPath, dict[str, Any]] = {}
        schema = full_schema()
        self.describer, self.vocabulary = Describer(schema), Vocabulary(schema)

    def unknown(self, path: KeyPath) -> tuple[Problem, str | None]:
        """An unknown key, and the known one that was meant."""
        *_, key = path
        mapping = value_at(self.values, path[:-1])
        part = self.describer.at(path[:-1], self.values)
        known = [name for name in self.describer.keys(part, mapping) if name != "$schema"]
        meant, remark = self.vocabulary.counterpart(str(key), known), None
        if meant is None:
            remark = self.vocabulary.remark(str(key)) or home(
                str(key), path[:-1], self.describer, self.vocabulary
            )
        if remark is None:
            meant = meant or self.vocabulary.nearest(str(key), known)
            remark = f"did you mean {meant}?" if meant else None
        message = f"unknown key {dotted(path)}"
        if remark is None:
            message = f"{message}, expected one of {', '.join(known)}"
        return Problem(path, _with_remark(message, remark), on_key=True), meant

    def others(self, path: KeyPath, kind: str, meant: set[KeyPath]) -> Iterator[Problem]:
        """What pydantic reports as `kind`; `meant` keys are there under another name."""
        if kind == "missing" and isinstance(path[-1], str):
            if path not in meant:
                yield self._missing(path)
        elif kind == "missing":  # the last entries of a list of fixed length
            yield self._invalid(path[:-1])
        elif kind.startswith("union_tag"):
            yield self._untagged(path)
        else:
            yield self._invalid(path)

    def _missing(self, path: KeyPath) -> Problem:
        expected = self.describer.expected(self.describer.at(path, self.values))
        return Problem(path[:-1], f"missing key {dotted(path)}, expected {expected}")

    def _invalid(self, path: KeyPath) -> Problem:
        """The value at `path` is not what the schema allows."""
        found, part = value_at(self.values, path), self.describer.at(path, self.values)
        expected = self.describer.expected(part)
        if isinstance(found, int) and found > LARGEST and "<=" not in expected:
            expected = f"{expected} and <= {LARGEST}"
        words, tag = self.describer.words(part), self.describer.tag(part)
        return Problem(path, self._wrong(path, found, expected, words, tag))

    def _untagged(self, path: KeyPath) -> Problem:
        """A value that fits no member of a union."""
        found, part = value_at(self.values, path), self.describer.at(path, self.values)
        tag = self.describer.tag(part)
        if tag is None or not isinstance(found, Mapping):
            return self._invalid(path)
        key, words = tag
        inner, expected = (*path, key), f"one of {', '.join(words)}"
        given = key if key in found else self._names_kind(found, key, words)
        word = found.get(given)
        meant = self.vocabulary.meaning(word, words) if isinstance(word, str) else None
        if meant is not None:
            rest = {name: value for name, value in found.items() if name != given}
            self.kinds_meant[path] = {key: meant, **rest}
        if key in found:
            return Problem(inner, self._wrong(inner, word, expected, words))
        message = f"missing key {dotted(inner)}, expected {expected}"
        if given != key:
            return Problem(path, _with_remark(message, f"is it {printable(given)}?"))
        return Problem(path, _with_remark(message, self._meant(next(iter(found), None), [], tag)))

    def _names_kind(self, found: Mapping[str, Any], key: str, words: list[str]) -> str:
        """The key that says in `found` which of the kinds `words` it is, in the place of `key`."""
        like = (name for name in found if self.vocabulary.meaning(name, [key]))
        says = (
            name
            for name, value in found.items()
            if isinstance(value, str) and self.vocabulary.counterpart(value, words)
        )
        return next(like, None) or next(says, None) or key

    def _wrong(
        self, path: KeyPath, found: Any, expected: str, words: list[str], tag: Tag | None = None
    ) -> str:
        what = f"invalid {dotted(path)}" if path else "invalid config"
        message = f"{what}, found {found_text(found)}, expected {expected}"
        if expected.startswith("a number") and re.fullmatch(r"[+-]?\d+,\d+", str(found)):
            return _with_remark(message, f"did you mean {found.replace(',', '.')}?")
        return _with_remark(message, self._meant(found, words, tag))

    def _meant(self, found: Any, words: list[str], tag: Tag | None) -> str | None:
        """A remark on a word that is one of `words` elsewhere, or a kind that needs a mapping."""
        if not isinstance(found, str):
            return None
        if meant := self.vocabulary.meaning(found, words):
            return f"did you mean {meant}?"
        key, kinds = tag or ("", [])
        meant = self.vocabulary.meaning(found, kinds)
        return f"did you mean {{{key}: {meant}, ...}}?" if meant else None


def with_others(value: Any, others: Mapping[KeyPath, Any], path: KeyPath = ()) -> Any:
    """`value`, which is at `path`, with `others` in the place of those at some paths."""
    value = others.get(path, value)
    if isinstance(value, Mapping):
        return {key: with_others(inner, others, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_others(inner, others, (*path, i)) for i, inner in enumerate(value)]
    return value


def value_at(values: Any, path: KeyPath) -> Any:
    """The value at `path`, None where there is none."""
    for step in path:
        if isinstance(values, Mapping):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values


def found_text(value: Any) -> str:
    """`value` for `found ...`: text in quotes, all else as in YAML, mappings and lists by kind."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"'{printable(value)}'"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return printable(shown(value))


def _path(entry: Mapping[str, Any]) -> KeyPath:
    """Where an error is, without the tags of union members that pydantic puts in between."""
    if entry["type"] == "extra_forbidden":  # the last step is a key, whatever it looks like
        *inner, key = entry["loc"]
        return (*(step for step in inner if not _is_tag(step)), key)
    return tuple(step for step in entry["loc"] if not _is_tag(step))


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<")


def _is_echo(path: KeyPath, kind: str, reports: list[tuple[KeyPath, str]]) -> bool:
    """A list of wrong entries counts as too short to pydantic, too."""
    deeper = (len(other) > len(path) and other[: len(path)] == path for other, _ in reports)
    return kind == "too_short" and any(deeper)


def _with_remark(message: str, remark: str | None) -> str:
    return f"{message} ({remark})" if remark else message
