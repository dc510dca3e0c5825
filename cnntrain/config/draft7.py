"""The JSON Schema of the config, draft-07, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from cnntrain.config.schema import Config
from cnntrain.config.told_apart import told_apart
from cnntrain.settings import Described
from cnntrain.settings.section import ALSO, FAMILY, WORDS_ALSO


def json_schema() -> dict[str, Any]:
    """What `cnntrain schema` prints: types, ranges, defaults and descriptions of all keys."""
    return told_apart(_without(full_schema(), {ALSO, WORDS_ALSO}))


def full_schema() -> dict[str, Any]:
    """The same, with the names that other tools have for keys and kinds under `also`."""
    made = Config.model_json_schema(
        ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    families: dict[str, Any] = {}
    schema = _referring(_draft7(made), families)
    schema["definitions"] |= families
    schema["properties"] = {
        "$schema": {"type": "string", "description": "For editors; has no effect."},
        **schema["properties"],
    }
    schema["required"] = [key for key in schema["required"] if key not in _FILLED_IN]
    schema |= {"if": {"not": {"required": ["phases"]}}, "then": {"required": ["learning_rate"]}}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "cnntrain", **schema}


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas without the titles that it makes up, and what a Described class adds."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> dict[str, Any]:
        made = {key: value for key, value in super().model_schema(schema).items() if key != "title"}
        if "description" in made:  # what follows the first paragraph is for readers of the code
            made["description"] = " ".join(made["description"].split("\n\n")[0].split())
        kind = schema["cls"]
        if issubclass(kind, Described):
            made["properties"] = {key: made["properties"][key] for key in kind.documented_keys()}
            del made["properties"][kind.tag]["default"]
            made["required"] = [kind.tag, *made.get("required", [])]
            if kind.also:
                made[ALSO] = kind.also.split()
        return made

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])  # None cannot be written in a config

    def default_schema(self, schema: Any) -> dict[str, Any]:
        made = super().default_schema(schema)
        return {key: made[key] for key in made if key != "default" or made[key] is not None}


def _draft7(schema: Any) -> Any:
    """`schema` in the words of draft-07, where nothing may stand beside a $ref."""
    if isinstance(schema, list):
        return [_draft7(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    made = {_WORDS.get(key, key): _draft7(value) for key, value in schema.items()}
    if "$ref" in made and len(made) > 1:
        made = {"allOf": [{"$ref": made.pop("$ref")}], **made}
    return made


def _referring(schema: Any, families: dict[str, Any]) -> Any:
    """`schema` with references to `families` that hold themselves, to which they are added."""
    if isinstance(schema, list):
        return [_referring(entry, families) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _referring(value, families) for key, value in schema.items()}
    if (name := made.pop(FAMILY, None)) is None:
        return made
    if made:
        families[name] = made
    return {"$ref": f"#/definitions/{name}"}


def _without(schema: Any, keys: set[str]) -> Any:
    """`schema` without some annotations.  In the properties of a mapping they would be keys of the
    config."""
    if isinstance(schema, list):
        return [_without(entry, keys) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {inner: _without(part, keys) for inner, part in value.items()}
        if name == "properties"
        else _without(value, keys)
        for name, value in schema.items()
        if name not in keys
    }


_FILLED_IN = {"name", "learning_rate"}  # from the file's name; none where there are phases
_WORDS = {"$defs": "definitions", "prefixItems": "items"}
