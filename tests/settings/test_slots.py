"""What may stand at a key, found from the annotations of the section."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from cnntrain.settings import Described, Family, Section, setting
from cnntrain.settings.slots import Slot, slot, slot_at
from cnntrain.settings.types import AMapping, OrNone, Positive, from_list


class Pen(Described):
    """A pen."""


class Ink(Pen):
    type: Literal["ink"] = "ink"
    width: Positive = setting("Of a line.", 1.0)


class Chalk(Pen):
    type: Literal["chalk"] = "chalk"


PENS: Family[Pen] = Family(Ink, Chalk, number=(Ink, "width"))


class Line(Section):
    pen: Annotated[Pen, PENS] = setting("What draws it.", Chalk())


class Frame(Section):
    size: Positive = setting("Of the frame.", 1.0)


class Drawing(Section):
    title: str = setting("Over it.", "none")
    pen: OrNone[Annotated[Pen, PENS, AMapping]] = setting("What draws.")
    lines: Annotated[tuple[Line, ...], from_list] = setting("What is drawn.", ())
    more: OrNone[Annotated[tuple[Annotated[Pen, PENS], ...], from_list]] = setting("Others.", ())
    frame: OrNone[Annotated[Frame, AMapping]] = setting("Around it.", "none")


@pytest.mark.parametrize(
    ("key", "held", "entries"),
    [
        ("title", (), ()),
        ("pen", (PENS,), ()),
        ("lines", (), (Line,)),
        ("more", (), (PENS,)),
        ("frame", (Frame,), ()),
        ("nonsense", (), ()),
    ],
)
def test_a_slot_says_what_may_stand_there(key, held, entries):
    assert (slot(Drawing, key).held, slot(Drawing, key).entries) == (held, entries)


def test_a_path_leads_through_kinds_sections_and_lists_however_wrong_the_values():
    values = {"lines": [{"pen": "ink"}, {"pen": 3}], "more": 5}
    assert slot_at(Drawing, ("lines", 1, "pen"), values).held == (PENS,)
    assert slot_at(Drawing, ("more", 7), values).held == (PENS,)
    assert slot_at(Drawing, ("title", "x", 3), values) == Slot()
    assert slot_at(Drawing, ("lines", 0, "pen", "width"), values) == Slot((), (), 1.0)


def test_words_and_numbers_are_written_out_wherever_they_stand():
    values = {"pen": "ink", "lines": [{"pen": 2}, "ink", 3], "more": ["chalk", "x"], "title": "ink"}
    assert Slot((Drawing,)).written_out(values) == {
        "pen": {"type": "ink"},
        "lines": [{"pen": {"type": "ink", "width": 2}}, "ink", 3],
        "more": [{"type": "chalk"}, "x"],
        "title": "ink",
    }
    assert Slot((Drawing,)).written_out([values]) == [values]


def test_keys_are_set_in_the_default_kind_or_in_that_of_a_number():
    assert slot(Line, "pen").start() == {"type": "chalk"}
    assert slot(Drawing, "pen").start() == {"type": "ink"}
    assert slot(Drawing, "frame").start() == {}
    assert slot(Drawing, "title").start() is None
