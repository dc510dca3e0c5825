"""`cnntrain schema`: the JSON Schema of the config file."""

from __future__ import annotations

import json

import click

from cnntrain.cli.options import emit


@click.command(short_help="Print the JSON Schema of configs, for editors.")
def schema() -> None:
    """Print the JSON Schema of the config file, with which editors check and complete it.

    \b
    Example:
      cnntrain schema > cnntrain.schema.json
    """
    from cnntrain.config import json_schema

    emit(json.dumps(json_schema(), indent=2))
