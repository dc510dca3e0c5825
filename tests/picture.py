"""A terminal as an SVG image, readable on a bright and on a dark page."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

ADVANCE, LEADING, SIZE = 8, 19, 13  # pixels: width of a character, line to line, font size
MARGIN = 20  # pixels around the text

STYLE = """\
  .paper { fill: #f6f8fa; stroke: #d0d7de; }
  text { fill: #1f2328; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas,
         "DejaVu Sans Mono", monospace; white-space: pre; }
  .command { font-weight: 600; }
  .prompt { fill: #656d76; }
  .best { fill: #1a7f37; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #161b22; stroke: #30363d; }
    text { fill: #e6edf3; }
    .prompt { fill: #8d96a0; }
    .best { fill: #3fb950; }
  }"""


def draw(transcript: str) -> str:
    """The picture of a transcript: commands after "$ ", epochs that are best so far end in " *"."""
    lines = transcript.splitlines()
    width = 2 * MARGIN + ADVANCE * max(map(len, lines))
    height = 2 * MARGIN + LEADING * len(lines)
    shown = [
        f'<text x="{MARGIN}" y="{MARGIN + LEADING * number + SIZE}">{_line(line)}</text>'
        for number, line in enumerate(lines)
        if line
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" xml:space="preserve">',
            "<title>A terminal: cnntrain trains a network on handwritten digits</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="paper" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}"'
            ' rx="8"/>',
            *shown,
            "</svg>\n",
        ]
    )


def transcript(picture: str) -> str:
    """The text in a picture."""
    texts = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    return "\n".join("".join(text.itertext()) for text in texts)


def _line(line: str) -> str:
    if line.startswith("$ "):
        command = escape(line.removeprefix("$ "))
        return f'<tspan class="prompt">$ </tspan><tspan class="command">{command}</tspan>'
    if line.endswith(" *"):
        return f'{escape(line.removesuffix("*"))}<tspan class="best">*</tspan>'
    return escape(line)
