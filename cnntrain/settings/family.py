"""Families: the layers, optimizers, schedules, ... that a config can name, one class a kind.

A kind is described once.  Its class has its settings as fields and its mathematics as methods;
its entry in a family is the one line that makes it known to configs, to the reference, to the
JSON Schema and to error messages:

    LAYERS = Family(Conv, ReLU, ..., Softmax)
    LAYERS.add(AvgPool)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Generic, TypeVar, Union, cast

from pydantic import (
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    Tag,
    TypeAdapter,
    model_serializer,
)
from pydantic_core import core_schema

from cnntrain.settings.section import FAMILY, WORDS_ALSO, Section
from cnntrain.settings.types import tagged


class Described(Section):
    """A section of one of several kinds, which a word at the key `tag` tells apart.

    tag     the key that holds the word
    shared  the keys that many kinds have, documented after a kind's own
    short   whether the word alone describes a kind whose settings all have defaults; False where
            it needs some of several settings
    also    what other tools call this kind: words in lower case without `_` and `-`

    A kind declares its word as a field: `type: Literal["conv"] = "conv"`.
    """

    tag: ClassVar[str] = "type"
    shared: ClassVar[tuple[str, ...]] = ()
    short: ClassVar[bool] = True
    also: ClassVar[str] = ""

    @classmethod
    def word(cls) -> str:
        """The word of this kind in a config."""
        return str(cls.model_fields[cls.tag].default)

    @classmethod
    def documented_keys(cls) -> list[str]:
        """The keys in the order of the documentation: the tag, the kind's own, the shared ones."""
        own = [key for key in cls.model_fields if key != cls.tag and key not in cls.shared]
        return [cls.tag, *own, *(key for key in cls.model_fields if key in cls.shared)]

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The settings as one would write them in Python."""
        return ((key, getattr(self, key)) for key in self.documented_keys() if key != self.tag)

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> Any:
        """As a config has it: the keys in their order, or the word alone where that says it all."""
        values = handler(self)
        if self.short and list(values) == [self.tag]:
            return values[self.tag]
        return {key: values[key] for key in self.documented_keys() if key in values}


Kind = TypeVar("Kind", bound=Described)


class Family(Generic[Kind]):
    """The kinds of one thing, in the order of the documentation.

    As an annotation, `Annotated[Layer, LAYERS]`, it makes a field of a section hold any of them,
    those included that are added later.

    number   the kind and its key that a plain number stands for, where it may
    known_as what the JSON Schema calls it, where kinds hold members of the family themselves
    """

    def __init__(
        self,
        *kinds: type[Kind],
        number: tuple[type[Kind], str] | None = None,
        known_as: str | None = None,
    ) -> None:
        self.kinds: dict[str, type[Kind]] = {}
        self.number = number
        self.known_as = known_as
        self._inside = False  # of its own JSON Schema
        self._adapter: TypeAdapter[Kind] | None = None
        for kind in kinds:
            self.add(kind)

    def add(self, kind: type[Kind]) -> type[Kind]:
        """Make `kind` known; also as a decorator."""
        self.kinds[kind.word()] = kind
        self._adapter = None
        return kind

    def __iter__(self) -> Iterator[type[Kind]]:
        return iter(self.kinds.values())

    def __getitem__(self, word: str) -> type[Kind]:
        return self.kinds[word]

    def get(self, section: Any) -> type[Kind] | None:
        """The kind that a section of plain values, which may be wrong, names; None for none."""
        section = self.written_out(section)
        if not isinstance(section, Mapping):
            return None
        word = section.get(next(iter(self)).tag)
        return self.kinds.get(word) if isinstance(word, str) else None

    def written_out(self, value: Any) -> Any:
        """`value` as a mapping where it is a word or a number that stands for one: a kind with its
        defaults."""
        if isinstance(value, str) and value in self.kinds:
            return {self.kinds[value].tag: value}
        if self.number and isinstance(value, int | float) and not isinstance(value, bool):
            kind, key = self.number
            return {kind.tag: kind.word(), key: value}
        return value

    # What pydantic asks for -------------------------------------------------------------------

    def validate(self, value: Any) -> Kind:
        """The member that `value` describes.  Raises pydantic's ValidationError."""
        if any(isinstance(value, kind) for kind in self):
            return cast(Kind, value)
        return self._union().validate_python(self.written_out(value))

    def _union(self) -> TypeAdapter[Kind]:
        if self._adapter is None:
            members = tuple(Annotated[kind, Tag(f"<{word}>")] for word, kind in self.kinds.items())
            tag = tagged(next(iter(self)).tag)
            union: Any = Annotated[Union[members], tag]  # noqa: UP007  of kinds known only here
            self._adapter = TypeAdapter(union)
        return self._adapter

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A number, the words, and a mapping of any kind that has settings."""
        if self._inside:
            return {FAMILY: self.known_as}
        self._inside = self.known_as is not None
        try:
            made = self._json_schema(handler)
        finally:
            self._inside = False
        return {**made, FAMILY: self.known_as} if self.known_as else made

    def _json_schema(self, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        members: list[dict[str, Any]] = []
        if self.number:
            kind, key = self.number
            members.append(handler(TypeAdapter(_type_of(kind, key)).core_schema))
        if words := [kind for kind in self if kind.short and not _required(kind)]:
            also = {kind.word(): kind.also.split() for kind in words if kind.also}
            choice: dict[str, Any] = {"enum": [kind.word() for kind in words]}
            members.append({**choice, WORDS_ALSO: also} if also else choice)
        if any(len(kind.model_fields) > 1 for kind in self):
            members += handler(self._union().core_schema)["oneOf"]
        return members[0] if len(members) == 1 else {"oneOf": members}


def _required(kind: type[Described]) -> bool:
    return any(field.is_required() for field in kind.model_fields.values())


def _type_of(kind: type[Described], key: str) -> Any:
    field = kind.model_fields[key]
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
