"""The live page: what stays the same, and the script that fills in the rest."""

from __future__ import annotations

from pathlib import Path

from cnntrain.files import read_text
from cnntrain.reports.markup import Element, element, write
from cnntrain.text import shown_path

_HERE = Path(__file__).parent


def page(run: Path) -> str:
    """The page for the run at a path, as HTML; what it needs is beside it, by relative names."""
    title = shown_path(run)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("link", rel="stylesheet", href="style.css"),
        element("script", src="script.js", defer=True),
    )
    body = element(
        "body",
        element("header", element("h1", title)),
        _standing(),
        _control(),
        element("main", element("noscript", "This page needs JavaScript."), id="content"),
        _question(),
    )
    return "<!DOCTYPE html>\n" + write(element("html", head, body, lang="en")) + "\n"


def script() -> str:
    """The script of the page, after that of charts."""
    return read_text(_HERE.parent / "hover.js") + read_text(_HERE / "live.js")


def style() -> str:
    """The style of the page: that of reports, and of what only this one has."""
    report = _HERE.parent
    sheets = (report / "page.css", report / "chart.css", _HERE / "live.css")
    return "".join(map(read_text, sheets))


def _standing() -> Element:
    """The status, which a screen reader tells when it changes, and how far the epoch has come."""
    return element(
        "div",
        element("p", "...", id="status", role="status"),
        element("p", element("progress", id="done", value=0, aria_labelledby="now"), class_="bar"),
        element("p", id="now", class_="soft"),
        class_="standing",
    )


def _control() -> Element:
    """What may be asked of the run: the note's "decreased manually (say, divided by 10)"."""
    return element(
        "section",
        element("h2", "Steer", id="steer"),
        element(
            "fieldset",
            element("label", "Learning rate", for_="rate"),
            element(
                "input",
                id="slider",
                type="range",
                step="any",
                aria_label="Learning rate, on a log scale",
            ),
            element("input", id="rate", type="text", inputmode="decimal", size=10),
            _button("Set", "set"),
            _button("÷ 10", "lr=x0.1", aria_label="Divide the learning rate by 10"),
            _button("× 2", "lr=x2", aria_label="Double the learning rate"),
            element("span", class_="gap"),
            _button("Checkpoint", "checkpoint"),
            _button("Stop…", "stop"),
            id="controls",
            disabled=True,
            aria_labelledby="steer",
        ),
        element("p", id="answer", class_="soft", role="status"),
        aria_labelledby="steer",
    )


def _question() -> Element:
    """Asks once more before the run is stopped."""
    return element(
        "dialog",
        element("p", "Stop the run before its next step? ", id="question"),
        element("p", "A stopped run can be resumed.", class_="soft"),
        element("button", "Go on training", id="no", type="button", autofocus=True),
        element("button", "Stop", id="yes", type="button"),
        id="dialog",
        aria_labelledby="question",
    )


def _button(title: str, action: str, **attributes: object) -> Element:
    return element("button", title, type="button", data_action=action, **attributes)
