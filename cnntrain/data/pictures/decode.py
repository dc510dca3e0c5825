"""From the bytes of a picture to its pixels: a pure function of the bytes and of a form.

The first picture of a file counts.  It is turned as its EXIF data say; what is transparent lies on
white, as most viewers show it; palettes, CMYK and other colours become RGB.  Of 16 bits the upper 8
are kept, and real numbers are 255 times as large, rounded; theirs must lie within [0, 1].

A pixel that stands for several is their mean; where there are fewer than are wanted, they are
interpolated linearly.  Gray is 0.299 R + 0.587 G + 0.114 B.  A JPEG more than twice as large as is
needed is decoded at 1/2, 1/4 or 1/8 of its sides, but not below that.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.pillow import pillow, silent
from cnntrain.errors import DataError
from cnntrain.files import read_bytes
from cnntrain.text import printable

Array = NDArray[Any]
FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
LARGEST_FILE = 2**28  # bytes
MOST_PIXELS = 100_000_000  # more than nearly all cameras have, and 400 MB when decoded
VERSION = 1  # of what becomes of a picture: counts up whenever a pixel may change

ORIENTATION = 0x0112  # the tag in EXIF data
TURNS = {  # its values, with what sets the picture upright
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
SIDEWAYS = {5, 6, 7, 8}
WITH_ALPHA = {"LA", "La", "PA", "RGBA", "RGBa"}


class UnreadableError(DataError):
    """A picture cannot be had from a file; `reason` says why, without the name of the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken for a picture."""
    stem, _, suffix = name.rpartition(".")
    return stem != "" and f".{suffix.lower()}" in SUFFIXES


def decode(source: Path | BinaryIO, form: Form) -> Array:
    """The picture in a file, in `form`: uint8 (H, W, C).

    Raises UnreadableError where there is none, whatever the reason; UsageError without Pillow, and
    MemoryError where there is too little memory for any.
    """
    pillow()
    content = read(source) if isinstance(source, Path) else source.read(LARGEST_FILE + 1)
    return decode_bytes(content, form)


def read(path: Path) -> bytes:
    """The bytes of a file that is to be a picture.  Raises UnreadableError."""
    try:
        return read_bytes(path, limit=LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableError(error.strerror or printable(error)) from None


def decode_bytes(content: bytes, form: Form) -> Array:
    """As `decode`, of what is in a file."""
    if not content:
        raise UnreadableError("it is empty")
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"it has more than {LARGEST_FILE:,} bytes")
    with silent():
        image, orientation = _opened(content)
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise UnreadableError(f"{width:,} x {height:,} pixels, more than {MOST_PIXELS:,}")
        try:
            _draft(image, form, sideways=orientation in SIDEWAYS)
            image.load()
            # Known only now of some formats; and some are turned by Pillow itself.
            orientation = _orientation(image)
            return _formed(_upright(_plain(image), orientation), form)
        except UnreadableError:
            raise
        except Exception as error:  # a parser of foreign bytes can fail in any way
            if isinstance(error, MemoryError):
                raise
            raise UnreadableError(_reason(error)) from None


def _opened(content: bytes) -> tuple[Any, int]:
    """The picture with nothing but its header read, and how it is turned."""
    module = pillow()
    try:
        image = module.open(BytesIO(content), formats=tuple(FORMATS))
        return image, _orientation(image) if image.format in {"JPEG", "MPO"} else 1
    except module.UnidentifiedImageError:
        known = "JPEG, PNG, BMP, GIF, TIFF or WebP"
        raise UnreadableError(f"it is no {known}, or is damaged at its start") from None
    except module.DecompressionBombError:
        raise UnreadableError(f"it has more than {MOST_PIXELS:,} pixels") from None
    except Exception as error:
        raise UnreadableError(_reason(error)) from None


def _reason(error: Exception) -> str:
    """What Pillow has to say, in one line; the names of objects in memory say nothing."""
    text = printable(error).strip()
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return "it is truncated"
    return (
        f"it is damaged ({text or type(error).__name__})" if "0x" not in text else "it is damaged"
    )


def _orientation(image: Any) -> int:
    """1 ... 8, and 1 where the EXIF data are damaged: the pixels are there all the same."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # as above
        return 1


def _upright(image: Any, orientation: int) -> Any:
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(pillow().Transpose[turn])


def _draft(image: Any, form: Form, sideways: bool) -> None:
    """Have a JPEG decoded at a part of its size, at least twice what `form` needs."""
    if image.format not in {"JPEG", "MPO"}:
        return
    width, height = image.size
    scales = form.scales(height, width)[::-1] if sideways else form.scales(width, height)
    image.draft(
        image.mode,
        tuple(int(2 * side / s + 1) for side, s in zip((width, height), scales, strict=True)),
    )


def _plain(image: Any) -> Any:
    """As 8 bits in RGB, or in one channel where there is no colour; on white."""
    mode = image.mode
    if mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise UnreadableError("its pixels have 32 bits, expected 8 or 16")
        return pillow().fromarray((values >> 8).astype(np.uint8))
    if mode == "F":
        values = np.asarray(image)
        if not (values.min() >= 0 and values.max() <= 1):  # NaN is neither
            raise UnreadableError("its pixels are real numbers beyond [0, 1]")
        return pillow().fromarray(np.rint(255 * values).astype(np.uint8))
    if mode in WITH_ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        white = pillow().new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if mode == "1":
        return image.convert("L")
    return image if mode in {"L", "RGB"} else image.convert("RGB")


def _formed(image: Any, form: Form) -> Array:
    """A plain picture in `form`."""
    mode = "RGB" if form.color == "rgb" else "L"
    if image.mode != mode:
        image = image.convert(mode)
    box, size = form.cut(*image.size)
    wide, high = box[2] - box[0], box[3] - box[1]
    smaller = wide >= size[0] and high >= size[1]
    filters = pillow().Resampling
    image = image.resize(size, filters.BOX if smaller else filters.BILINEAR, box)
    if size != (form.width, form.height):
        black = pillow().new(mode, (form.width, form.height))
        black.paste(image, ((form.width - size[0]) // 2, (form.height - size[1]) // 2))
        image = black
    return np.asarray(image, dtype=np.uint8).reshape(form.shape)
