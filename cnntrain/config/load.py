"""A config file, and overrides, to a Config."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnntrain.config.schema import Config
from cnntrain.config.source.overrides import Overrides, apply, as_overrides, plain
from cnntrain.config.source.paths import make_absolute
from cnntrain.config.source.positions import Located, Place, Positions
from cnntrain.config.source.templates import fill
from cnntrain.config.source.yaml import MAX_BYTES, Document, read
from cnntrain.config.validate import validate
from cnntrain.errors import ConfigError, UsageError
from cnntrain.text import printable, shown_path

ConfigSource = Config | str | Path | Mapping[str, Any]


def as_config(source: ConfigSource) -> Config:
    """A Config as it is, that in the file at a path, or that of a mapping.  Raises ConfigError.

    Paths in a mapping are relative to the working directory.
    """
    if isinstance(source, Config):
        return source
    if isinstance(source, Mapping):
        values, positions = {"name": "run", **plain(source)}, Positions()
        make_absolute(values, positions, Path.cwd())
        return validate(values, positions, [])
    return load_config(source)


def load_config(path: str | Path, overrides: Overrides | None = None) -> Config:
    """The config in the file at `path` ("-": standard input), with overrides.

    overrides: values by dotted key, such as {"batch_size": 64, "layers.conv1.filters": 8}, or
    what `parse_overrides` returns; each replaces the whole value at its key, one after the other.
    Checks the file alone and opens no data.  Paths in the file are relative to it, those in
    overrides to the working directory.  Raises ConfigError with all that is wrong.
    """
    stdin = str(path) == "-"
    source = "<stdin>" if stdin else shown_path(path)
    document = read(_bytes(path, source))
    positions, found = _positions(document, source), _found(document, source)
    if not document.complete:
        raise ConfigError([f"{place}: error: {message}" for place, message in found])
    values = {} if document.value is None else document.value
    unreadable = document.unreadable
    if isinstance(values, dict):
        values.pop("$schema", None)
        values.setdefault("name", "run" if stdin else _name(Path(path)))
        replaced, problems = apply(as_overrides(overrides), values, positions)
        found += problems
        unreadable = {
            missing for missing in unreadable if not any(missing[: len(p)] == p for p in replaced)
        }
        folder = Path.cwd() if stdin else Path(path).parent
        make_absolute(values, positions, folder)
        name = values["name"]
        if isinstance(name, str) and "{" in name:
            # The values are there once all else has been found right.
            config = validate({**values, "name": "run"}, positions, found, unreadable)
            try:
                values["name"] = fill(name, config)
            except UsageError as error:
                place = positions.value(("name",)) or source
                raise ConfigError([f"{place}: error: name: {error}"]) from None
    return validate(values, positions, found, unreadable)


def _bytes(path: str | Path, source: str) -> bytes:
    """The content of a config file, at most one byte more than is allowed."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        reason = "no such file (cnntrain init prints configs to start from)"
    except (OSError, ValueError, AttributeError) as error:
        reason = f"cannot read it: {getattr(error, 'strerror', None) or error}"
    raise ConfigError([f"{source}: error: {printable(reason, 200)}"])


def _positions(document: Document, source: str) -> Positions:
    return Positions(
        {path: Place(0, *position, source) for path, position in document.values.items()},
        {path: Place(0, *position, source) for path, position in document.keys.items()},
    )


def _found(document: Document, source: str) -> list[Located]:
    return [(Place(0, *position, source), message) for position, message in document.problems]


def _name(path: Path) -> str:
    """The name of a run from the file's name: other characters than the allowed become `-`."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).lstrip("._-")
    return cleaned[:100] or "run"
