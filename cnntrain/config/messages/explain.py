"""From pydantic's errors to problems in the words of the config, one for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from cnntrain.config.jsonschema import full_schema
from cnntrain.config.messages import misplaced, synonyms
from cnntrain.config.messages.schema_text import Describer, shown
from cnntrain.config.source.positions import KeyPath, Problem, dotted
from cnntrain.settings.types import LARGEST
from cnntrain.text import nearest, printable

_KNOWN_ELSEWHERE = ("extra_forbidden", "default_factory_not_called")


def explain(error: ValidationError, values: Any) -> list[Problem]:
    """The problems of `values` that `error` reports."""
    reports = [(_path(entry), entry["type"]) for entry in error.errors(include_url=False)]
    problems: list[Problem] = []
    meant: set[KeyPath] = set()  # missing keys that stand there under another name
    for path, kind in reports:
        if kind == "extra_forbidden":
            problem, intended = _unknown(path, values)
            problems.append(problem)
            if intended is not None:
                meant.add((*path[:-1], intended))
    for path, kind in reports:
        if kind not in _KNOWN_ELSEWHERE and not _is_echo(path, kind, reports):
            problems += _others(path, kind, values, meant)
    return list(dict.fromkeys(problems))


@cache
def describer() -> Describer:
    """The schema in words, made once, and only when there is something to explain."""
    return Describer(full_schema())


def invalid(path: KeyPath, values: Any) -> Problem:
    """The value at `path` is not what the schema allows."""
    found, part = value_at(values, path), describer().at(path, values)
    expected = describer().expected(part)
    if isinstance(found, int) and found > LARGEST and "<=" not in expected:
        expected = f"{expected} and <= {LARGEST}"
    return Problem(path, _wrong(path, found, expected, describer().words(part)))


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


def _is_echo(path: KeyPath, kind: str, reports: list[tuple[KeyPath, str]]) -> bool:
    """A list of wrong entries counts as too short to pydantic, too."""
    deeper = (len(other) > len(path) and other[: len(path)] == path for other, _ in reports)
    return kind == "too_short" and any(deeper)


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<")


def _unknown(path: KeyPath, values: Any) -> tuple[Problem, str | None]:
    """An unknown key, and the known one that was meant."""
    *_, key = path
    mapping = value_at(values, path[:-1])
    part = describer().at(path[:-1], values)
    known = [name for name in describer().keys(part, mapping) if name != "$schema"]
    meant, remark = synonyms.counterpart(str(key), known), None
    if meant is None:
        remark = synonyms.remark(str(key)) or misplaced.home(str(key), path[:-1], describer())
    if remark is None:
        meant = meant or nearest(str(key).lower(), known)
        remark = f"did you mean {meant}?" if meant else None
    message = f"unknown key {dotted(path)}"
    if remark is None:
        message = f"{message}, expected one of {', '.join(known)}"
    return Problem(path, _with_remark(message, remark), on_key=True), meant


def _others(path: KeyPath, kind: str, values: Any, meant: set[KeyPath]) -> Iterator[Problem]:
    if kind == "missing" and isinstance(path[-1], str):
        if path not in meant:
            yield _missing(path, values)
    elif kind == "missing":  # the last entries of a list of fixed length
        yield invalid(path[:-1], values)
    elif kind.startswith("union_tag"):
        yield _untagged(path, values)
    else:
        yield invalid(path, values)


def _missing(path: KeyPath, values: Any) -> Problem:
    expected = describer().expected(describer().at(path, values))
    return Problem(path[:-1], f"missing key {dotted(path)}, expected {expected}")


def _untagged(path: KeyPath, values: Any) -> Problem:
    """A value that fits no member of a union."""
    found, part = value_at(values, path), describer().at(path, values)
    tag = describer().tag(part)
    if tag is None or not isinstance(found, Mapping):
        return invalid(path, values)
    key, words = tag
    inner, expected = (*path, key), f"one of {', '.join(words)}"
    if key in found:
        return Problem(inner, _wrong(inner, found[key], expected, words))
    message = f"missing key {dotted(inner)}, expected {expected}"
    other = next((name for name in found if synonyms.meaning(name, [key])), None)
    return Problem(path, _with_remark(message, f"is it {printable(other)}?" if other else None))


def _wrong(path: KeyPath, found: Any, expected: str, words: list[str]) -> str:
    what = f"invalid {dotted(path)}" if path else "invalid config"
    meant = synonyms.meaning(found, words) if isinstance(found, str) else None
    message = f"{what}, found {found_text(found)}, expected {expected}"
    return _with_remark(message, f"did you mean {meant}?" if meant else None)


def _with_remark(message: str, remark: str | None) -> str:
    return f"{message} ({remark})" if remark else message
