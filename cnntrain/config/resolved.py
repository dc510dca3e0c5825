"""A Config as plain values with every default written out: for files, and to compare."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnntrain.config.overrides import Override, Overrides, apply, as_overrides
from cnntrain.config.paths import make_absolute
from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, Place, Positions
from cnntrain.config.source.writer import to_yaml
from cnntrain.config.validate import validate
from cnntrain.errors import ConfigError
from cnntrain.text import printable

ABSENT = "(absent)"


def resolved(config: Config) -> dict[str, Any]:
    """All settings of `config` as plain values, in the order of the documentation."""
    return config.model_dump(mode="json", exclude_none=True)


def dump(config: Config) -> str:
    """`config` as YAML with every default written out; loading it gives an equal Config."""
    return to_yaml(resolved(config), block=("data",))


def config_for_checkpoint(config: Config) -> dict[str, Any]:
    """What a checkpoint keeps of `config`: all that its contents depend on, and nothing else."""
    values = resolved(config)
    del values["name"], values["max_minutes"], values["log"], values["compute"]["workers"]
    return values


def config_from_checkpoint(values: Mapping[str, Any]) -> Config:
    """The Config of a checkpoint.  Raises ValueError where `values` are no config."""
    try:
        return validate({"name": "checkpoint", **values}, Positions())
    except ConfigError as error:
        raise ValueError(error.problems[0]) from None


def override(config: Config, overrides: Overrides) -> Config:
    """`config` with other values at some keys, as `load_config` takes them; relative paths start
    from the working directory.  Raises ConfigError."""
    return _overridden(resolved(config), as_overrides(overrides), config.given)


def override_data(config: Config, overrides: Overrides) -> Config:
    """`config` with other values in its data section, for reading other data.

    overrides: values by key, such as {"path": "new.npz"} or {"data.path": "new.npz"}, or what
    `parse_overrides` returns.  Relative paths start from the working directory.
    Raises ConfigError.
    """
    # Early stopping asks for a validation part, which other data need not have.
    values = {**resolved(config), "early_stopping": "none"}
    in_data = [_in_data(override) for override in as_overrides(overrides)]
    changed = _overridden(values, in_data, config.given)
    return config.model_copy(update={"data": changed.data})


def _in_data(override: Override) -> Override:
    """`override` with a key that starts with data.  Raises ConfigError where it is another's."""
    first = override.key.split(".")[0]
    if first == "data":
        return override
    if first in Config.model_fields:
        raise ConfigError(
            [
                f"{override.source}: error: found the key {printable(override.key)}, expected a "
                "key of data, such as data.path (nothing else can be replaced here)"
            ]
        )
    return replace(override, key=f"data.{override.key}")


def _overridden(
    values: dict[str, Any], overrides: list[Override], given: Collection[KeyPath]
) -> Config:
    """The config of the resolved `values`, of which those at the paths `given` are no defaults,
    with `overrides`."""
    positions = Positions()
    _, problems = apply(overrides, values, positions, given)
    if overrides:  # what is wrong around them is the work of all of them
        sources = " ".join(override.source for override in overrides)
        positions.values.setdefault((), Place(1, 0, 0, sources))
    make_absolute(values, positions, Path.cwd())
    return validate(values, positions, problems)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Dotted keys whose values differ between two resolved configs, with both values."""
    return list(_differences("", old, new))


def _differences(key: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        pairs = [(name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in {**old, **new}]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(str(i), *both) for i, both in enumerate(zip(old, new, strict=True))]
    else:
        if old != new:
            yield key, old, new
        return
    for name, left, right in pairs:
        yield from _differences(f"{key}.{name}" if key else name, left, right)
