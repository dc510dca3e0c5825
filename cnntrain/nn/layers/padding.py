"""How convolutions and pools say what border an image gets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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
