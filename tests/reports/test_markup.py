"""Elements, and the text that may not become markup."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from cnntrain.reports.markup import element, number, write


class Reader(HTMLParser):
    """What a browser finds: tags, attributes and text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], {}, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data):
        self.text += data


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])))
def test_any_text_stays_text(text):
    found = Reader(write(element("p", text, element("b", text), text, title=text)))
    assert found.tags == ["p", "b"]
    assert found.text == 3 * text
    assert found.attributes == {"title": text}


def test_what_steers_a_screen_is_shown():
    shown = Reader(write(element("p", "a\x1b[31m\u202eb\x00\udcff", title="c\x07")))
    assert shown.text == "a\\x1b[31m\\u202eb\\x00\\udcff"
    assert shown.attributes["title"] == "c\\x07"


def test_children_and_attributes_may_be_absent():
    made = element("p", None, "a", class_="x", hidden=True, id=None, open=False, data_x=1.0)
    assert write(made) == '<p class="x" hidden="" data-x="1">a</p>'


def test_coordinates_are_short():
    values = (1.0, -1.0, 0.001, -0.001, 123.456, -0.5)
    assert [number(value) for value in values] == ["1", "-1", "0", "0", "123.46", "-0.5"]
