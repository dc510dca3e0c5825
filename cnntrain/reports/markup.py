"""HTML and SVG as trees of elements, so that text can never become markup."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None

__all__ = ["Child", "Element", "element", "number", "write"]


def element(name: str, /, *children: Child, **attributes: object) -> Element:
    """An element with children, texts among them, and attributes.

    A child or an attribute that is None or False is left out, and True is an attribute without a
    value; `class_` is class, and other underscores are hyphens.

    >>> from cnntrain.reports.markup import element, write
    >>> write(element("p", "a < b, ", element("b", "bold"), class_="note"))
    '<p class="note">a &lt; b, <b>bold</b></p>'
    """
    made = Element(name)
    for key, value in attributes.items():
        if value is not None and value is not False:
            made.set(key.rstrip("_").replace("_", "-"), "" if value is True else _text(value))
    append(made, children)
    return made


def append(parent: Element, children: Iterable[Child]) -> None:
    """Add children, and texts between them, at the end of an element."""
    for child in children:
        if isinstance(child, Element):
            parent.append(child)
        elif child is not None and len(parent):
            parent[-1].tail = (parent[-1].tail or "") + _visible(child)
        elif child is not None:
            parent.text = (parent.text or "") + _visible(child)


def write(tree: Element) -> str:
    """The element as HTML, which SVG inside it may be part of."""
    return tostring(tree, encoding="unicode", method="html")


def number(value: float) -> str:
    """A coordinate: two digits after the point are more than a screen can show.

    >>> from cnntrain.reports.markup import number
    >>> number(12.3456), number(4.0), number(-0.001)
    ('12.35', '4', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(value: object) -> str:
    return number(value) if isinstance(value, float) else _visible(str(value))


def _visible(text: str) -> str:
    """Control and direction characters, and halves of characters, escaped; lines stay."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
