"""Figures as PNG images: the elements of their SVG, drawn by Matplotlib, in the colours and widths
of chart.css."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from cnntrain.errors import UsageError
from cnntrain.files import read_text
from cnntrain.reports.markup import Element
from cnntrain.reports.page import Drawing

SHEET = Path(__file__).parent / "chart.css"
INCH, POINT = 96.0, 0.75  # pixels in an inch, points in a pixel
DPI = 2 * INCH
FONT = 12.0  # pixels

Style = dict[str, str]


def matplotlib() -> Any:
    """The package.  Raises UsageError where it is not installed."""
    try:
        return import_module("matplotlib")
    except ImportError:
        raise UsageError("PNG figures need Matplotlib (pip install 'cnntrain[plot]')") from None


def png(figure: Drawing) -> bytes:
    """The image as a file, two pixels to one of the page.  Raises UsageError."""
    plot, svg = matplotlib(), figure.svg()
    width, height = (float(v) for v in (svg.get("viewBox") or "").split()[2:])
    content = io.BytesIO()
    with plot.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of characters that the font does not have
        plot.rcdefaults()  # whatever the user's own file says
        made = import_module("matplotlib.figure").Figure((width / INCH, height / INCH), DPI)
        axes = made.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0, width), ylim=(height, 0))
        axes.axis("off")
        for shape, style in _shapes(svg, rules(), {"fill": "#000", "stroke": "none"}):
            _draw(axes, shape, style)
        made.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def rules() -> list[tuple[set[str], Style]]:
    """What chart.css says, in its order: classes, and the style of elements that have them all."""
    found = []
    for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", read_text(SHEET)):
        pairs = (item.split(":", 1) for item in body.split(";") if ":" in item)
        style = {key.strip(): _plain(value.strip()) for key, value in pairs}
        for classes in _alternatives(selectors):
            found.append((classes, style))
    return found


def _alternatives(selectors: str) -> Iterator[set[str]]:
    """The sets of classes that match: `.chart .a:is(.b, .c)` is either {a, b} or {a, c}."""
    for selector in re.split(r",(?![^(]*\))", selectors):
        one, _, some = selector.replace(".chart ", "").partition(":is(")
        for other in some.rstrip(") \n").split(",") if some else [""]:
            yield set(re.findall(r"\.([\w-]+)", f"{one} {other}"))


def _plain(value: str) -> str:
    """A value without a variable: what it is where nobody sets that."""
    return re.sub(r"var\(--[\w-]+, *([^)]+)\)", r"\1", value)


def _shapes(
    parent: Element, sheet: list[tuple[set[str], Style]], inherited: Style
) -> Iterator[tuple[Element, Style]]:
    """What is to be drawn, in its order, each with its style."""
    own = dict(inherited)
    classes = set((parent.get("class") or "").split())
    for wanted, style in sheet:
        if wanted <= classes:
            own |= style
    own |= {key: value for key, value in parent.attrib.items() if key in _ATTRIBUTES}
    if parent.tag in _DRAWN:
        yield parent, own
    for child in parent:
        yield from _shapes(child, sheet, {key: own[key] for key in ("fill", "stroke")})


_ATTRIBUTES = {"stroke-dasharray", "text-anchor", "opacity"}
_DRAWN = {"line", "rect", "circle", "path", "text"}


def _draw(axes: Any, shape: Element, style: Style) -> None:
    """Put a shape on the axes."""

    def at(name: str) -> float:
        return float(shape.get(name, "0"))

    if shape.tag == "text":
        axes.text(
            at("x"),
            at("y"),
            shape.text or "",
            color=style["fill"],
            size=POINT * FONT,
            weight="bold" if style.get("font-weight", "400") > "500" else "normal",
            ha={"end": "right", "middle": "center"}.get(style.get("text-anchor", ""), "left"),
            va="baseline",
            parse_math=False,
        )
        return
    patches = import_module("matplotlib.patches")
    dashes = style.get("stroke-dasharray", "").split()
    look = {
        "facecolor": style["fill"],
        "edgecolor": style["stroke"],
        "linewidth": POINT * float(style.get("stroke-width", "1")),
        "alpha": float(style.get("opacity", "1")),
        "linestyle": (0, [POINT * float(v) for v in dashes]) if dashes else "solid",
    }
    match shape.tag:
        case "rect":
            patch = patches.Rectangle((at("x"), at("y")), at("width"), at("height"), **look)
        case "circle":
            patch = patches.Circle((at("cx"), at("cy")), at("r"), **look)
        case "line":
            patch = patches.PathPatch(
                _path(f"M{at('x1')} {at('y1')}L{at('x2')} {at('y2')}"), **look
            )
        case _:
            patch = patches.PathPatch(_path(shape.get("d", "")), **look)
    axes.add_patch(patch)


def _path(d: str) -> Any:
    """Strokes from point to point: M and L with a point each, and Z."""
    kind = import_module("matplotlib.path").Path
    codes = {"M": kind.MOVETO, "L": kind.LINETO, "Z": kind.CLOSEPOLY}
    steps = re.findall(r"([MLZ])(?:([^\sMLZ]+) ([^MLZ]+))?", d)
    points = [(float(x or 0), float(y or 0)) for _, x, y in steps]
    return kind(points or [(0.0, 0.0)], [codes[letter] for letter, _, _ in steps] or [kind.MOVETO])
