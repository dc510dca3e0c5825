"""Names of layers, under which checkpoints keep their parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from cnntrain.settings.types import written

LayerName = Annotated[
    Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$",
            title="a name of letters, digits, _ and -, a letter first, at most 100 in all",
        ),
    ]
    | None,
    written,
]


def full_names(layers: Iterable[tuple[str, str | None]]) -> list[str]:
    """A name for each layer, given its type and the name that it was given, if any.

    Names that were not given are made up, conv1, relu1, conv2, ...; the number counts all layers
    of the type.
    """
    counts: dict[str, int] = {}
    names = []
    for kind, name in layers:
        counts[kind] = counts.get(kind, 0) + 1
        names.append(name or f"{kind}{counts[kind]}")
    return names
