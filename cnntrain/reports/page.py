"""The page: sections with headings, links to them, and everything that they need inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cnntrain.files import read_text
from cnntrain.reports.markup import Child, Element, element, write

_HERE = Path(__file__).parent
# Nothing may be loaded from anywhere, and no script may run but the page's own.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
LINE = 140  # characters of links that have room beside one another on a wide screen
# Scripts, by the class of elements that they are for.
_SCRIPTS = {"sortable": "sort.js", "curve": "hover.js"}


class Drawing(Protocol):
    """An image that can be saved as a file, under its name."""

    @property
    def name(self) -> str: ...

    def svg(self) -> Element:
        """The image."""
        ...


@dataclass(frozen=True)
class Section:
    """A part of a report: a word for links, a heading, and what is below it.

    figures   those in the content, which can also be saved one by one
    """

    anchor: str
    title: str
    content: Sequence[Child]
    figures: Sequence[Drawing] = field(default=())

    def element(self) -> Element:
        """The section as part of the page."""
        heading = element("h2", self.title, id=f"{self.anchor}-title")
        return element(
            "section",
            heading,
            *self.content,
            id=self.anchor,
            aria_labelledby=f"{self.anchor}-title",
        )


@dataclass(frozen=True)
class Report:
    """A page as HTML, and the figures in it."""

    html: str
    figures: tuple[Drawing, ...]

    @classmethod
    def of(cls, title: str, lead: str, sections: Sequence[Section]) -> Report:
        """The page that `page` makes."""
        figures = tuple(figure for section in sections for figure in section.figures)
        return cls(page(title, lead, sections), figures)


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """A whole HTML document, which needs nothing beside it.

    It has the scripts for what is in it, and runs no others.
    """
    main = element("main", *(section.element() for section in sections))
    codes = scripts(main)
    links = [element("a", section.title, href=f"#{section.anchor}") for section in sections]
    kind = "line" if sum(len(section.title) + 2 for section in sections) <= LINE else None
    nav = element("nav", *links, aria_label="Sections", class_=kind) if len(links) > 1 else None
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(codes)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", read_text(_HERE / "page.css") + read_text(_HERE / "chart.css")),
    )
    body = element(
        "body",
        element("header", element("h1", title), element("p", lead, class_="soft")),
        nav,
        main,
        *(element("script", code) for code in codes),
    )
    return "<!DOCTYPE html>\n" + write(element("html", head, body, lang="en")) + "\n"


def scripts(content: Element) -> list[str]:
    """The code of the scripts for what is in the content of a page."""
    classes = {one.get("class") for one in content.iter()}
    return [read_text(_HERE / name) for kind, name in _SCRIPTS.items() if kind in classes]


def _policy(codes: Sequence[str]) -> str:
    """What the page may load, and run: scripts whose hashes are these."""
    digests = (base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in codes)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"{_POLICY}; script-src {allowed}" if codes else _POLICY


def drawing(figure: Drawing) -> str:
    """A figure as a file of its own."""
    svg = figure.svg()
    svg.insert(0, element("style", read_text(_HERE / "chart.css")))
    return write(svg) + "\n"


def beside(*figures: Drawing, small: bool = False) -> Element:
    """Figures beside one another where there is room, more of them where they are `small`."""
    drawn = (element("figure", figure.svg()) for figure in figures)
    return element("div", *drawn, class_="figures small" if small else "figures")


def grid(
    header: Sequence[Child],
    rows: Sequence[Sequence[Child]],
    left: int = 1,
    sortable: bool = False,
) -> Element:
    """A table, which scrolls where it is too wide; the first `left` columns are text.

    A `sortable` one is sorted by the values of <data> elements in its cells, or by their text.
    """

    def cells(kind: str, row: Sequence[Child]) -> list[Element]:
        return [
            element(kind, cell, class_="left" if 0 < k < left else None)
            for k, cell in enumerate(row)
        ]

    table = element(
        "table",
        element("thead", element("tr", *cells("th", header))),
        element("tbody", *(element("tr", *cells("td", row)) for row in rows)),
        class_="sortable" if sortable else None,
    )
    return element("div", table, class_="scroll", tabindex="0")


def facts(pairs: Sequence[tuple[str, Child]]) -> Element:
    """What is known, as terms and their values."""
    items = [item for term, value in pairs for item in (element("dt", term), element("dd", value))]
    return element("dl", *items)


def headline(figures: Sequence[tuple[str, str, str]]) -> Element:
    """What to see first: names, large values, and what is small below each."""
    items = (
        element(
            "div",
            element("dt", name),
            element("dd", value),
            element("dd", below, class_="soft") if below else None,
        )
        for name, value, below in figures
    )
    return element("dl", *items, class_="headline")


def folded(title: str, *content: Child) -> Element:
    """Content behind a title, shown on demand."""
    return element("details", element("summary", title), *content)
