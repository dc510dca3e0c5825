"""`cnntrain reference`: what a config may say, in the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import addresses
from cnntrain.cli.options import emit

if TYPE_CHECKING:
    from cnntrain.config.reference import Entry, Section

WIDEST, NARROWEST = 100, 60  # lines, in characters, however wide the terminal is
MARGIN, GAP = "  ", "  "


@click.command(short_help="Explain the keys of a config.")
@click.argument("key", required=False, shell_complete=addresses)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown tables.")
def reference(key: str | None, as_markdown: bool) -> None:
    """Print the values, the default and the meaning of KEY.

    KEY is a key, such as batch_size or layers.conv.padding, or a section, such as layers.conv,
    optimizer.adam or early_stopping.  Without KEY, print the whole reference.

    \b
    Examples:
      cnntrain reference layers.conv
      cnntrain reference learning_rate
    """
    from cnntrain.config.reference import Reference, markdown

    known = Reference()
    entries, sections = known.find(key) if key else ([], list(known.sections()))
    if as_markdown:
        emit(markdown(entries, sections).rstrip("\n"))
        return
    width = min(max(shutil.get_terminal_size((WIDEST, 1)).columns, NARROWEST), WIDEST)
    blocks = [_key(entry, width) for entry in entries]
    if entries and len(sections) > 1:
        blocks.append(_columns([[found.address, found.about] for found in sections], width))
    elif entries:
        blocks += [_body(section, width) for section in sections]
    else:
        blocks += [f"{_title(section)}\n{_body(section, width)}" for section in sections]
    emit("\n\n".join(blocks))


def _key(entry: Entry, width: int) -> str:
    required = entry.default == "required"
    rows = [["value", f"{entry.value}; required" if required else entry.value]]
    if entry.default and not required:
        rows.append(["default", entry.default])
    return "\n".join([entry.address, *_paragraph(entry.about, width), _columns(rows, width)])


def _title(section: Section) -> str:
    key, word = section.tag
    if key and not word:
        return f"{section.path} with any {key}"
    return section.address or "The file"


def _body(section: Section, width: int) -> str:
    rows = [[entry.name, entry.value, _meaning(entry)] for entry in section.entries]
    return "\n".join(
        [*_paragraph(section.about, width), *([_columns(rows, width)] if rows else [])]
    )


def _meaning(entry: Entry) -> str:
    """What an entry means, with its default at the end."""
    if entry.default == "required":
        return f"{entry.about} Required."
    return f"{entry.about} Default: {entry.default}." if entry.default else entry.about


def _paragraph(text: str, width: int) -> list[str]:
    """`text` in lines, with an empty one after it."""
    return [*textwrap.wrap(text.replace("`", ""), width), ""] if text else [""]


def _columns(rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows of two or three cells as aligned columns, whose cells wrap; the last takes the width
    that the others leave."""
    natural = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths = [natural[0], *(min(width // 3, size) for size in natural[1:-1])]
    widths.append(width - len(MARGIN) - sum(widths) - len(GAP) * len(widths))
    lines = []
    for row in rows:
        cells = [textwrap.wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            padded = (part.ljust(size) for part, size in zip(parts, widths, strict=True))
            lines.append((MARGIN + GAP.join(padded)).rstrip())
    return "\n".join(lines)
