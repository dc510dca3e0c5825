"""A config file, and overrides, to a Config."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnntrain.config.overrides import Overrides, apply, as_overrides, plain
from cnntrain.config.paths import make_absolute
from cnntrain.config.schema import Config
from cnntrain.config.source.positions import Located, Place, Positions
from cnntrain.config.source.yaml import MAX_BYTES, Document, read
from cnntrain.config.templates import fill
from cnntrain.config.validate import validate
from cnntrain.errors import ConfigError, UsageError
from cnntrain.files import read_bytes
from cnntrain.text import printable, shown_path

_STARTERS = "cnntrain init prints configs to start from"

ConfigSource = Config | str | Path | Mapping[str, Any]


def as_config(source: ConfigSource) -> Config:
    """A Config as it is, or what `load_config` makes of a path or a mapping.  ConfigError."""
    return source if isinstance(source, Config) else load_config(source)


def load_config(
    config: str | Path | Mapping[str, Any], overrides: Overrides | None = None
) -> Config:
    """The config in a file ("-": standard input), or in a mapping with the keys of a file.

    overrides   values by dotted key, such as {"batch_size": 64, "layers.conv1.filters": 8}, or
                what `parse_overrides` returns; each replaces the whole value at its key, one
                after the other

    Checks the config alone and opens no data.  Paths in a file are relative to it, those in a
    mapping and in overrides to the working directory.  Without a `name`, the config is called
    like its file, or else "run".  Raises ConfigError with all that is wrong.

    >>> config = cnntrain.load_config("digits.yaml", overrides={"batch_size": 32})
    >>> config.batch_size, config.layers[0].word()
    (32, 'conv')
    """
    name, source, folder = "run", "config", Path.cwd()
    if isinstance(config, Mapping):
        document = Document(plain(config))
    elif str(config) == "-":
        source = "<stdin>"
        document = read(_bytes(config, source))
    else:
        name, source, folder = _name(Path(config)), shown_path(config), Path(config).parent
        document = read(_bytes(config, source))
    positions, found = _positions(document, source), _found(document, source)
    if not document.complete:
        raise ConfigError([f"{place}: error: {message}" for place, message in found])
    if document.value is None and not overrides:
        raise ConfigError([f"{source}:1:1: error: the config is empty ({_STARTERS})"])
    values = {} if document.value is None else document.value
    unreadable = document.unreadable
    if isinstance(values, dict):
        values.pop("$schema", None)
        values.setdefault("name", name)
        replaced, problems = apply(as_overrides(overrides), values, positions)
        found += problems
        unreadable = {u for u in unreadable if not any(u[: len(p)] == p for p in replaced)}
        make_absolute(values, positions, folder)
        name = values["name"]
        if isinstance(name, str) and "{" in name:
            # The values are there once all else has been found right.
            unnamed = validate({**values, "name": "run"}, positions, found, unreadable)
            try:
                values["name"] = fill(name, unnamed)
            except UsageError as error:
                place = positions.value(("name",)) or source
                raise ConfigError([f"{place}: error: name: {error}"]) from None
    return validate(values, positions, found, unreadable)


def _bytes(path: str | Path, source: str) -> bytes:
    """The content of a config file, at most one byte more than is allowed."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        return read_bytes(path, limit=MAX_BYTES + 1)
    except FileNotFoundError:
        reason = f"no such file ({_STARTERS})"
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
