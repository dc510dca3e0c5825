"""The layers of a network in one straight line, with what blocks hold laid out in its place.

    {type: residual, layers: [conv, relu]}       branch, conv, relu, sum
    {type: repeat, times: 2, layers: [conv]}     conv, conv

Whatever goes through a network goes through that line, forwards or back; `layers.joints` says what
the stack is for that some of its layers work on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnntrain.errors import ShapeError
from cnntrain.nn.layers.block import Block, Inner
from cnntrain.nn.layers.entry import Entry
from cnntrain.nn.layers.joints import Joint
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layers.names import full_names

DEEPEST = 20  # blocks in one another
MOST = 10_000  # layers

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """Where something stands in a network and in its config.

    name   such as "block2/conv1"
    path   in the config, such as ("layers", 2, "layers", 0)
    key    what --set takes, such as "layers.block2.conv1"
    """

    name: str
    path: Path
    key: str

    def __str__(self) -> str:
        """For messages: "layers.2.layers.0 (block2/conv1)"."""
        return f"{'.'.join(str(step) for step in self.path)} ({self.name})"


@dataclass(frozen=True)
class Node:
    """A layer in the line; a joint stands where its block does."""

    layer: Layer
    place: Place

    @property
    def name(self) -> str:
        """Unique in the network: "block2/conv1", or "block2/sum" of a joint."""
        joint = isinstance(self.layer, Joint)
        return f"{self.place.name}/{self.layer.word()}" if joint else self.place.name


@dataclass(frozen=True)
class Span:
    """A block: nodes start ... stop - 1 of the line."""

    block: Block
    place: Place
    start: int
    stop: int


@dataclass
class Line:
    """All nodes, and the blocks that they come from, an outer one before those in it."""

    nodes: list[Node] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


def line(layers: Sequence[Entry]) -> Line:
    """`layers` laid out.  Raises ShapeError for more, or deeper blocks, than anybody needs."""
    made = Line()
    _lay_out(layers, Place("", ("layers",), "layers"), made, ())
    return made


def _lay_out(layers: Sequence[Entry], around: Place, made: Line, blocks: tuple[Place, ...]) -> None:
    """Append `layers`, which stand at `around` in all those `blocks`."""
    names = full_names((layer.word(), layer.name) for layer in layers)
    for i, (layer, name) in enumerate(zip(layers, names, strict=True)):
        place = Place(_joined(around.name, name), (*around.path, i), f"{around.key}.{name}")
        if isinstance(layer, Block):
            _lay_out_block(layer, place, made, (*blocks, place))
        elif isinstance(layer, Layer):
            _append(made, Node(layer, place), blocks)


def _lay_out_block(block: Block, place: Place, made: Line, blocks: tuple[Place, ...]) -> None:
    if len(blocks) > DEEPEST:
        raise ShapeError(
            blocks[0].path,
            f"{blocks[0]}: found blocks {len(blocks)} deep, expected at most {DEEPEST}",
        )
    at, start = len(made.spans), len(made.nodes)
    for part in block.program():
        if isinstance(part, Joint):
            _append(made, Node(part, place), blocks)
        else:
            _lay_out(part.layers, _inside(place, part), made, blocks)
    made.spans.insert(at, Span(block, place, start, len(made.nodes)))


def _inside(place: Place, part: Inner) -> Place:
    """Where the layers of a part of the block at `place` stand."""
    way = "" if part.key == "layers" else f".{part.key}"
    return Place(_joined(place.name, part.folder), (*place.path, part.key), f"{place.key}{way}")


def _append(made: Line, node: Node, blocks: tuple[Place, ...]) -> None:
    if len(made.nodes) == MOST:
        outermost = blocks[0] if blocks else node.place
        raise ShapeError(
            outermost.path,
            f"{outermost}: found more than {MOST:,} layers up to here, expected fewer "
            "(repeat them less often)",
        )
    made.nodes.append(node)


def _joined(*names: str) -> str:
    return "/".join(name for name in names if name)
