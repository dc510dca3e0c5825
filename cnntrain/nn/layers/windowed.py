"""How convolutions and pools say where their windows lie on an image, or on a signal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnntrain.nn.shapes import MisfitError, Shape, pair, size_text
from cnntrain.nn.windows import Windows
from cnntrain.settings.types import AList, AnInteger, AWord, Whole, from_list, tagged

Padding = Annotated[
    Annotated[Literal["valid", "same"], AWord]
    | Annotated[Whole, AnInteger]
    | Annotated[
        tuple[Whole, Whole, Whole, Whole],
        from_list,
        Field(title="a list [top, bottom, left, right]"),
        AList,
    ],
    tagged(),
]


def windows_on(
    shape: Shape,
    size: int | tuple[int, ...],
    key: str,
    stride: int | tuple[int, ...],
    padding: str | int | tuple[int, ...],
    ceil: bool = False,
    dilation: int | tuple[int, ...] = 1,
) -> Windows:
    """The windows of `size`, the setting `key`, on an input of `shape` (C, H, W).

    With a size of [length], for signals, `padding` by a number is at the left and right alone.

    Raises MisfitError where they do not fit.
    """
    for name, value in ((key, size), ("stride", stride), ("dilation", dilation)):
        if _is_length(value) and shape[1] != 1:
            raise MisfitError(
                f"{name}: [{pair(value)[1]}] is for signals, found images of {size_text(shape)} "
                f"({name}: {pair(value)[1]}, or [height, width]; signals come with data.axes: NLC)",
                name,
            )
    steps, apart = pair(stride), pair(dilation)
    return Windows.of(shape[1:], pair(size), steps, sides(padding, size), key, ceil, apart)


def sides(
    padding: str | int | tuple[int, ...], size: int | tuple[int, ...]
) -> str | tuple[int, ...]:
    """Padding by a number as (top, bottom, left, right)."""
    if not isinstance(padding, int):
        return padding
    return (0, 0, padding, padding) if _is_length(size) else (padding,) * 4


def _is_length(size: int | tuple[int, ...]) -> bool:
    """Whether it is [length], not one number for height and width."""
    return not isinstance(size, int) and len(size) == 1
