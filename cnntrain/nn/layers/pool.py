"""Pooling layers: every output is a function of one window of one channel."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layers.windowed import Padding, sides, windows_on
from cnntrain.nn.shapes import MisfitError, Shape, pair
from cnntrain.nn.windows import Windows
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AnInteger, AWord, Count, Sides, Size, tagged

Window = Annotated[
    Annotated[Literal["all"], AWord] | Annotated[Count, AnInteger] | Annotated[Sides, AList],
    tagged(),
]


class Pool(Layer):
    """x (C, H, W, n) -> y (C, oh, ow, n): each channel by itself, window by window.

    Padding is no part of the image: the entries of a window are those that lie in the image, of
    which each window has some.
    """

    needs_images: ClassVar[bool] = True
    enlarging: ClassVar[tuple[str, ...]] = ("window", "padding")

    window: Window = setting(
        "Height and width of a window in pixels; one number for both; [length] for signals; all "
        "for one window over the whole image.",
        also="kernel kernelsize ksize poolsize size",
    )
    stride: Size = setting(
        "Steps of the window down and to the right, in pixels. Default: the window.",
        default_factory=lambda data: 1 if data["window"] == "all" else data["window"],
        also="strides",
    )
    padding: Padding = setting(
        "How far windows may reach over the edges, in pixels: valid for not at all, same for "
        "ceil(size / stride) outputs, a number for all four sides, or each side.",
        "valid",
        also="pad",
    )
    ceil: bool = setting(
        "Whether the last windows may reach over the bottom and right edge, where rows and columns "
        "would be left out otherwise.",
        False,
        also="ceilmode",
    )

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        if self.window == "all":
            self._check_that_nothing_else_is_asked()
            return Windows.of(shape[1:], (shape[1], shape[2]), (1, 1), "valid", "window")
        self._check_padding(self.window)
        return windows_on(shape, self.window, "window", self.stride, self.padding, ceil=self.ceil)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        windows, made = self.windows(shape), super().arrays(shape)
        if any(windows.padding):
            made["padded input"] = (shape[0], *windows.padded)
        return made

    def window_area(self, shape: Shape) -> int:
        """Entries of a window on an input of `shape`."""
        return math.prod(self.windows(shape).kernel)

    def _check_that_nothing_else_is_asked(self) -> None:
        """MisfitError for settings that say nothing about one window over the whole image."""
        for key, plain in (("stride", 1), ("padding", "valid"), ("ceil", False)):
            if getattr(self, key) != plain:
                raise MisfitError(
                    f"window: all is one window over the whole image, without {key} (remove {key})",
                    key,
                )

    def _check_padding(self, window: int | tuple[int, ...]) -> None:
        """MisfitError where a window could lie in the padding alone."""
        padding, (height, width) = sides(self.padding, window), pair(window)
        if isinstance(padding, str):
            return
        if max(padding[:2]) >= height or max(padding[2:]) >= width:
            raise MisfitError(
                f"a {height}x{width} window may lie in the padding alone "
                "(a padding smaller than the window)",
                "padding",
            )
