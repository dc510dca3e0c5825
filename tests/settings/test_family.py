"""Families of described kinds: what a config may write, what it is written back as."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from cnntrain.settings import Described, Family, Section, setting
from cnntrain.settings.types import Count, Positive


class Shape(Described):
    shared = ("label",)

    label: str = setting("A word for people.", "none")


class Circle(Shape):
    also = "disc round"

    type: Literal["circle"] = "circle"
    radius: Positive = setting("Half of its width.", 1.0, also="r")


class Dot(Shape):
    type: Literal["dot"] = "dot"


class Square(Shape):
    type: Literal["square"] = "square"
    side: Count = setting("Length of a side.")


@pytest.fixture
def shapes() -> Family[Shape]:
    return Family(Circle, Dot, number=(Circle, "radius"))


def section(shapes: Family[Shape]) -> type[Section]:
    class Drawing(Section):
        shape: Annotated[Shape, shapes] = setting("What is drawn.", Dot())

    return Drawing


def errors(kind: type[Section], values: Any) -> list[tuple[tuple[Any, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(values)
    return [(entry["loc"], entry["type"]) for entry in caught.value.errors()]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"type": "circle", "radius": 2.0}, Circle(radius=2.0)),
        ({"type": "circle"}, Circle()),
        ("dot", Dot()),
        ("circle", Circle()),
        (3, Circle(radius=3.0)),
        (0.5, Circle(radius=0.5)),
    ],
)
def test_a_kind_is_written_as_a_mapping_a_word_or_a_number(shapes, written, meant):
    assert section(shapes).model_validate({"shape": written}).shape == meant


def test_a_member_made_in_python_is_taken_as_it_is(shapes):
    circle = Circle(radius=2.0)
    assert section(shapes)(shape=circle).shape is circle


def test_errors_say_where_below_the_section_they_are(shapes):
    kind = section(shapes)
    assert errors(kind, {"shape": {"type": "circle", "radius": "x"}}) == [
        (("shape", "<circle>", "radius"), "float_type")
    ]
    assert errors(kind, {"shape": -1}) == [(("shape", "<circle>", "radius"), "greater_than")]
    for wrong in ("disc", True, None, {"radius": 1}, {"type": "oval"}, []):
        ((where, what),) = errors(kind, {"shape": wrong})
        assert (where, what[:9]) == (("shape",), "union_tag")


def test_of_a_word_whose_kind_needs_settings_those_are_missing(shapes):
    shapes.add(Square)
    assert errors(section(shapes), {"shape": "square"}) == [
        (("shape", "<square>", "side"), "missing")
    ]


def test_a_kind_can_be_added_when_sections_are_there_already(shapes):
    kind = section(shapes)
    assert errors(kind, {"shape": {"type": "square", "side": 2}})
    shapes.add(Square)
    assert kind.model_validate({"shape": {"type": "square", "side": 2}}).shape == Square(side=2)
    assert "Square" in kind.model_json_schema()["$defs"]


def test_it_is_written_with_its_own_keys_first_and_the_shared_ones_last():
    assert Circle.documented_keys() == ["type", "radius", "label"]
    assert list(Circle(label="a").model_dump()) == ["type", "radius", "label"]


def test_its_repr_makes_it_again():
    circle = Circle(radius=2.0, label="a")
    assert repr(circle) == "Circle(radius=2.0, label='a')"
    assert eval(repr(circle)) == circle


def test_the_word_alone_is_written_where_there_is_nothing_else_to_say():
    class Plain(Described):
        type: Literal["plain"] = "plain"

    class Wordy(Described):
        short = False
        type: Literal["wordy"] = "wordy"

    assert Plain().model_dump() == "plain"
    assert Wordy().model_dump() == {"type": "wordy"}


def test_what_is_written_means_the_same_when_it_is_read(shapes):
    kind = section(shapes)
    for drawn in (Circle(radius=0.25, label="x"), Dot()):
        written = kind(shape=drawn).model_dump(mode="json")
        assert kind.model_validate(written).shape == drawn


def test_the_json_schema_offers_the_number_the_words_and_the_kinds_with_settings(shapes):
    schema = section(shapes).model_json_schema()
    number, words, *kinds = schema["properties"]["shape"]["oneOf"]
    assert number == {"exclusiveMinimum": 0, "type": "number"}
    assert words == {"enum": ["circle", "dot"], "words_also": {"circle": ["disc", "round"]}}
    assert kinds == [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Dot"}]


def test_a_family_of_words_alone_is_an_enumeration():
    class Tint(Described):
        pass

    class Red(Tint):
        type: Literal["red"] = "red"

    class Blue(Tint):
        type: Literal["blue"] = "blue"

    tints: Any = Annotated[Tint, Family(Red, Blue)]
    assert TypeAdapter(tints).json_schema() == {"enum": ["red", "blue"]}


def test_the_kind_that_a_wrong_section_names_can_be_asked_for(shapes):
    assert shapes.get({"type": "circle", "oval": True}) is Circle
    assert shapes.get("dot") is Dot
    assert shapes.get(1.5) is Circle
    for nonsense in ({"type": "oval"}, {"type": []}, {}, None, "oval", []):
        assert shapes.get(nonsense) is None
