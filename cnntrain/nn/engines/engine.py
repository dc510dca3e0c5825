"""The protocol of engines: the layers of a network become stages, each computed in one go.

A stage covers one layer, or several in a row that an engine computes together.  Chunks of a batch
go through the stages one by one, forwards and back, on any number of threads; a stage therefore
keeps no state, and every result that is summed over chunks is summed by their numbers (see
`execution.tree`).

Residual blocks are joined by layers that work on a stack (see `layers.joints`), which is
`ChunkContext.waiting` or whatever an engine has for one: stages are a straight line all the same.

A stage that `gathers` needs sums over the whole batch, as batch statistics do.  A training pass
stops in front of it: all chunks come as far and hand in what `gather` takes of them, this is added
over the tree of chunk numbers, and with the total all chunks go on.  The way back stops at the same
place, for `gather_back`.  Where a batch is one chunk, nobody stops.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import Loss
from cnntrain.nn.shapes import Array, Shape

if TYPE_CHECKING:
    from cnntrain.nn.execution.batch_pass import BatchPass

Views = Sequence[Mapping[str, Array]]  # parameters and buffers of all layers, by layer and name


class Stage(Protocol):
    """One or more successive layers.  Outputs, caches and gradients may be scratch arrays; between
    stages of one engine they may lie as that engine likes."""

    @property
    def layers(self) -> range:
        """The numbers of the layers that it covers."""

    @property
    def gathers(self) -> bool:
        """Whether it needs something of all chunks of a batch in training."""

    def forward(self, x: Array, w: Views, context: ChunkContext) -> tuple[Array, Any]:
        """The output of its last layer, and a cache for the passes below (None unless
        `context.training`)."""

    def backward(
        self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext, need_dx: bool
    ) -> Array | None:
        """Equations 2 and 3: from dl/dy write dl/dw of its layers into `dw` and return dl/dx, if it
        is needed.  `dy` and `cache` may be overwritten."""

    def jvp(self, dx: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Array:
        """The change of the output for changes `dx` and `dw`; only of layers that have one (see
        `Layer.jvp`).  `dx` may be overwritten."""

    def gather(self, x: Array, w: Views, context: ChunkContext) -> Any:
        """What the chunk adds to that which `forward` needs of all; `+` puts two together."""

    def gather_back(self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Any:
        """Likewise what `backward` needs."""


class Engine(Protocol):
    """A way to compute networks.  Two engines agree but for the last bits."""

    @property
    def name(self) -> str:
        """Its name in a config."""

    @property
    def library_text(self) -> str:
        """The library that it calls, for run.json."""

    def stages(
        self, layers: Sequence[Layer], shapes: Sequence[Shape], frozen: Collection[int] = ()
    ) -> list[Stage]:
        """The stages that compute `layers`, in order, the joints of blocks among them.

        shapes   of one sample: of the input, and of the output of each layer
        frozen   numbers of layers that training leaves as they are
        """

    def loss(self, loss: Loss) -> Loss:
        """The same loss as the engine computes it."""

    def batch_pass(
        self, stages: Sequence[Stage], layout: Layout, loss: Loss
    ) -> Callable[..., BatchPass]:
        """`BatchPass`, or an equivalent of the engine, but for its other arguments."""

    def chunk_size(self, batch: int, bytes_per_sample: int) -> int:
        """Samples in a chunk of a batch of `batch`, given the activations of one sample in bytes:
        a function of these alone, because the last bits of results depend on it."""
