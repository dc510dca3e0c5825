"""The config: one YAML file that says everything a run depends on."""

from __future__ import annotations

from typing import Any

from cnntrain.config.load import ConfigSource, as_config, load_config
from cnntrain.config.overrides import Override, Overrides, parse_overrides
from cnntrain.config.resolved import (
    config_for_checkpoint,
    config_from_checkpoint,
    differences,
    dump,
    override,
    override_data,
    resolved,
)
from cnntrain.config.schema import Config


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of the config file."""
    from cnntrain.config.draft7 import json_schema as made

    return made()


__all__ = [
    "Config",
    "ConfigSource",
    "Override",
    "Overrides",
    "as_config",
    "config_for_checkpoint",
    "config_from_checkpoint",
    "differences",
    "dump",
    "json_schema",
    "load_config",
    "override",
    "override_data",
    "parse_overrides",
    "resolved",
]
