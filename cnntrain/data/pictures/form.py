"""The form that all pictures of a data set get: sides and colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fit = Literal["crop", "pad", "stretch"]
Color = Literal["rgb", "gray"]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Form:
    """Pictures of `height` x `width` pixels in three channels, or for gray in one.

    With s = width of the picture / width here, and t = height of the picture / height here,

    crop      both sides are divided by min(s, t), and what sticks out is cut off, on both sides
              alike
    pad       both sides are divided by max(s, t), and what is missing is black, on both sides alike
    stretch   the width is divided by s, the height by t
    """

    height: int
    width: int
    fit: Fit = "crop"
    color: Color = "rgb"

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return self.height, self.width, 3 if self.color == "rgb" else 1

    def scales(self, width: int, height: int) -> tuple[float, float]:
        """What the two sides of a picture of `width` x `height` pixels are divided by."""
        s, t = width / self.width, height / self.height
        common = {"crop": min, "pad": max}.get(self.fit)
        return (s, t) if common is None else (common(s, t),) * 2

    def cut(self, width: int, height: int) -> tuple[Box, tuple[int, int]]:
        """Which box of such a picture is seen here, and how many pixels wide and high."""
        if self.fit == "crop":
            scale, _ = self.scales(width, height)
            x, y = max(0.0, width - scale * self.width), max(0.0, height - scale * self.height)
            return (x / 2, y / 2, width - x / 2, height - y / 2), (self.width, self.height)
        s, t = self.scales(width, height)
        seen = max(1, int(width / s + 0.5)), max(1, int(height / t + 0.5))
        return (0, 0, width, height), seen
