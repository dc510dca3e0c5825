"""The user's config with the rate that a sweep suggests, and otherwise as it was written."""

from __future__ import annotations

import copy
import math
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnntrain.config import Config, Override, differences, load_config, resolved
from cnntrain.config.overrides import apply
from cnntrain.config.source.edit import edited
from cnntrain.config.source.positions import Positions
from cnntrain.config.source.writer import flow
from cnntrain.config.source.yaml import read
from cnntrain.data.sources import SOURCES
from cnntrain.errors import ConfigError, UsageError
from cnntrain.files import read_bytes
from cnntrain.optim.schedules import SCHEDULES
from cnntrain.settings.slots import Slot
from cnntrain.storage import disk, durable
from cnntrain.sweeps.plan import with_settings
from cnntrain.sweeps.rates import rate_key
from cnntrain.text import printable, shown_path


class RatedConfig:
    """The config file at `path` with another learning rate, for a new file at `new`.

    overrides   what --set gave, which the new file is to say, too
    config      what path and overrides were read as

    Comments, placeholders, relative paths and all else that stands in the file remain.  Raises
    UsageError, before anything is trained, where the new file would not be the config that is
    swept, and StorageError where it cannot be written.
    """

    def __init__(self, path: str, overrides: Sequence[Override], config: Config, new: Path) -> None:
        if path == "-":
            raise UsageError(
                "the rate is put into a config file, found standard input (save it first)"
            )
        self.path, self.overrides, self.config, self.new = Path(path), overrides, config, new
        self.key = rate_key(config)
        self.content = read_bytes(self.path)
        durable.probe(new.parent, 1)
        schedule = next(iter(config.phase_at.values())).learning_rate
        self.text(math.nextafter(getattr(schedule, schedule.rate_key), 0))  # a trial

    def text(self, rate: float) -> str:
        """The text of the new file.  Raises UsageError, also where the old one has changed."""
        try:
            if read_bytes(self.path) != self.content:
                raise ValueError(f"{shown_path(self.path)} has changed in the meantime")
            made = edited(self.content.decode(), self._values(rate))
            self._check(made, with_settings(self.config, {self.key: rate}))
        except (ValueError, LookupError, ConfigError) as error:
            raise UsageError(
                f"cannot make {shown_path(self.new)} of {shown_path(self.path)}: "
                f"{printable(error, 200)} (write {self.key}: {rate:g} yourself)"
            ) from None
        return made

    def _values(self, rate: float) -> dict[str, Any]:
        """What the new file is to say, in plain values."""
        values: dict[str, Any] = read(self.content).value
        positions, before = Positions(), self._holder(values).get("learning_rate")
        original, words = values, Slot((Config,)).written_out(values)
        values = copy.deepcopy(words)
        apply(self.overrides, values, positions)
        values = _as_written(original, words, values)
        for key in _paths(values.get("data")):
            if positions.value(("data", key)) is not None:  # relative to the working directory
                values["data"][key] = getattr(self.config.data, key)
        holder = self._holder(values)
        after = holder["learning_rate"]
        section = {**SCHEDULES.written_out(after), self.key.rpartition(".")[2]: rate}
        short = not (isinstance(before, dict) and isinstance(after, dict))
        holder["learning_rate"] = (
            rate if short and SCHEDULES.written_out(rate) == section else section
        )
        return values

    def _holder(self, values: dict[str, Any]) -> dict[str, Any]:
        """What holds the learning rate: the config or its first phase; {} where it is not there."""
        if not self.key.startswith("phases."):
            return values
        phases = values.get("phases")
        found = phases[0] if isinstance(phases, list) and phases else {}
        return found if isinstance(found, dict) else {}

    def _check(self, text: str, expected: Config) -> None:
        """Raise ValueError unless `text`, where the new file will be, is the config `expected`."""
        there = self.new.parent / f"{durable.TEMPORARY}{secrets.token_hex(8)}"
        durable.create(there, text.encode())
        try:
            found = resolved(load_config(there))
        finally:
            disk.remove(there)
        wanted = {**resolved(expected), "name": found["name"]}  # by default that of the file
        for key, one, other in differences(found, wanted):
            hint = ": paths are relative to the file" if key.startswith("data.") else ""
            raise ValueError(f"{key} would be {flow(one)}, not {flow(other)}{hint}")


def _as_written(original: Any, words: Any, changed: Any) -> Any:
    """`changed`, with what has not changed as it is in `original`; `words` is the original with its
    plain words written out, as `changed` has them."""
    if changed == words:
        return original
    if isinstance(changed, dict) and isinstance(original, dict) and isinstance(words, dict):
        return {k: _as_written(original.get(k), words.get(k), v) for k, v in changed.items()}
    if isinstance(changed, list) and isinstance(original, list) and len(changed) == len(original):
        return [_as_written(*items) for items in zip(original, words, changed, strict=True)]
    return changed


def _paths(data: Any) -> list[str]:
    """The keys of paths in a data section."""
    source = SOURCES.get(data)
    known = [] if source is None or not isinstance(data, dict) else source.path_keys()
    return [key for key in known if key in data]
