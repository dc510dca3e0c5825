"""Small pictures inside a page: PNG, which every browser shows pixel by pixel."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.reports.markup import Element, element

Array = NDArray[Any]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB = 0, 2  # color types of the format (ISO/IEC 15948, section 11.2.2)


def png(pixels: Array) -> bytes:
    """The bytes (H, W) or (H, W, 3) uint8 as a PNG file."""
    height, width = pixels.shape[:2]
    color = _GRAY if pixels.ndim == 2 else _RGB
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    filtered = np.insert(rows, 0, 0, axis=1).tobytes()  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def picture(pixels: Array, label: str, side: float = 64.0) -> Element:
    """An image element that holds the pixels, its longer side `side` pixels of the screen."""
    height, width = pixels.shape[:2]
    data = base64.b64encode(png(pixels)).decode()
    scale = side / max(height, width)
    return element(
        "img",
        src=f"data:image/png;base64,{data}",
        alt=label,
        title=label,
        width=round(scale * width),
        height=round(scale * height),
        class_="picture",
    )


def as_gray(values: Array) -> Array:
    """Real numbers (H, W) as bytes, the lowest black and the highest white; equal ones gray."""
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return np.full(values.shape, 128, np.uint8)
    return np.rint(255 * ((values - low) / (high - low))).astype(np.uint8)


def as_pixels(x: Array, low: float, high: float) -> Array:
    """A raw image (H, W, C) as bytes, `low` black and `high` white: gray (H, W), or RGB (H, W, 3)
    of three channels; of any other number the first."""
    shown = x if x.shape[-1] == 3 else x[..., 0]
    span = high - low or 1.0
    bytes_: Array = np.rint(255 * ((shown - low) / span).clip(0, 1)).astype(np.uint8)
    return bytes_
