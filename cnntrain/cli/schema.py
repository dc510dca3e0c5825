"""`cnntrain schema`: the JSON Schema of the config file."""

from __future__ import annotations

import json

import click

from cnntrain.cli.options import emit


@click.command(short_help="Print the JSON Schema of configs, for editors.")
def schema() -> None:
    """Print the JSON Schema of the config file, with which editors check and complete it.

    Editors that use yaml-language-server, such as VS Code with the YAML extension, find it by the
    first line of a config in the same directory.

    \b
    Example:
      cnntrain schema > cnntrain.schema.json
      # yaml-language-server: $schema=./cnntrain.schema.json
    """
    from cnntrain.config import json_schema

    emit(json.dumps(json_schema(), indent=2))
