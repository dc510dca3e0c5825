"""A contact sheet drawn with Pillow: rows of pictures with titles and captions, as a PNG file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from cnntrain.data.audit.sheet import Row
from cnntrain.data.pictures.pillow import pillow

LEGIBLE, LARGE = 64, 160  # pixels of the longer side: at least, and at most
MARGIN, GAP = 16, 6  # around the sheet, and between pictures
TEXT = 11  # size of the font
PAPER, INK, PALE = 255, 30, 110  # shades of gray


def png(rows: Sequence[Row]) -> bytes:
    """The sheet of `rows`, whose pictures are all of one size: a function of them alone.

    Small pictures are magnified, each pixel to a square, and large ones reduced by a whole number.
    Raises UsageError where Pillow is not installed.
    """
    image = pillow()
    drawing, fonts = import_module("PIL.ImageDraw"), import_module("PIL.ImageFont")
    font = fonts.load_default(size=TEXT)
    drawn = [[_sized(image.fromarray(picture)) for picture in row.pictures] for row in rows]
    width, height = next((p.size for pictures in drawn for p in pictures), (LEGIBLE, LEGIBLE))
    heads = [[_legible(text, font) for text in (row.title, row.subtitle)] for row in rows]
    margin = max(_length(text, font) for head in heads for text in head)
    left, line = MARGIN + margin + 2 * GAP, TEXT + 4
    step, most = height + line + GAP, max(len(row.pictures) for row in rows)
    colour = any(picture.mode == "RGB" for pictures in drawn for picture in pictures)
    size = left + most * (width + GAP) - GAP + MARGIN, 2 * MARGIN + len(rows) * step - GAP
    sheet = image.new("RGB" if colour else "L", size, (PAPER,) * 3 if colour else PAPER)
    pen = drawing.Draw(sheet)
    ink, pale = ((INK,) * 3, (PALE,) * 3) if colour else (INK, PALE)
    for number, (row, pictures) in enumerate(zip(rows, drawn, strict=True)):
        top = MARGIN + number * step
        title, subtitle = heads[number]
        pen.text((MARGIN, top), title, fill=ink, font=font)
        pen.text((MARGIN, top + line), subtitle, fill=pale, font=font)
        for k, (picture, caption) in enumerate(zip(pictures, row.captions, strict=True)):
            x = left + k * (width + GAP)
            sheet.paste(picture, (x, top))
            text = _fitting(_legible(caption, font), font, width)
            pen.text((x, top + height + 1), text, fill=pale, font=font)
    buffer = BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def scale(height: int, width: int) -> tuple[int, int]:
    """What pictures of `height` x `width` are magnified by, and what they are reduced by."""
    longer = max(height, width)
    return max(1, -(-LEGIBLE // longer)), max(1, -(-longer // LARGE))


def _sized(picture: Any) -> Any:
    larger, smaller = scale(picture.height, picture.width)
    if smaller > 1:
        return picture.reduce(smaller)
    size = (picture.width * larger, picture.height * larger)
    return picture.resize(size, resample=0)  # the nearest pixel


def _legible(text: str, font: Any) -> str:
    """The text; of a character that the font does not have the letter without its accent, or else
    an escape."""

    def drawn(character: str) -> str:
        for letter in (character, unicodedata.normalize("NFKD", character)[0]):
            if bytes(font.getmask(letter)) != missing:
                return letter
        return character.encode("unicode_escape").decode()

    missing = bytes(font.getmask("\uffff"))
    return "".join(map(drawn, text))


def _length(text: str, font: Any) -> int:
    return int(font.getlength(text)) + 1


def _fitting(text: str, font: Any, width: int) -> str:
    """The text, or as much of its end, by which names differ most, as fits into `width`."""
    if _length(text, font) <= width:
        return text
    starts = (f"..{text[k:]}" for k in range(1, len(text) + 1))
    return next((start for start in starts if _length(start, font) <= width), "")
