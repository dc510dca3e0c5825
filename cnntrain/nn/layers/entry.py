"""What a list of layers in a config may hold: layers, and blocks of layers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from cnntrain.nn.layers.names import LayerName
from cnntrain.settings import Described, Family, setting
from cnntrain.settings.types import from_list


class Entry(Described):
    """A layer or a block.

    outputs_probabilities  outputs are positive and sum to 1: fit for the last layer only
    holds                  the settings that are lists of layers themselves
    """

    shared: ClassVar[tuple[str, ...]] = ("name",)
    outputs_probabilities: ClassVar[bool] = False
    holds: ClassVar[tuple[str, ...]] = ()

    name: LayerName = setting(
        "Name of the layer, unique in its list, under which the checkpoint keeps its weights. "
        "Default: the type and a number counted by type from 1, such as conv1.",
        None,
    )


LAYERS: Family[Entry] = Family(known_as="layer")  # `layers/__init__.py` adds the kinds

Layers = Annotated[tuple[Annotated[Entry, LAYERS], ...], Field(min_length=1), from_list]
