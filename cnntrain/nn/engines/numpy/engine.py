"""The engine in NumPy: a stage for each layer, and the choice of algorithms for convolutions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from cnntrain.nn.engines.engine import Stage, Views
from cnntrain.nn.engines.numpy.convolution import Algorithm, Choice
from cnntrain.nn.engines.numpy.grouped import Grouped
from cnntrain.nn.engines.numpy.im2col import Im2col
from cnntrain.nn.engines.numpy.winograd import Winograd
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.execution.chunks import chunk_size
from cnntrain.nn.execution.context import ChunkContext, Context
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import Loss
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows

FEWEST_CHANNELS = 8  # below that Winograd's transforms cost more than they save


@dataclass(frozen=True)
class NumpyEngine:
    """Every layer as it is written down.

    conv   how convolutions are computed: auto, im2col or winograd; those that Winograd's algorithm
           cannot do take im2col
    """

    conv: Literal["auto", "im2col", "winograd"] = "auto"
    name: str = "numpy"
    library_text: str = f"NumPy {np.__version__}"

    def stages(
        self, layers: Sequence[Layer], shapes: Sequence[Shape], frozen: Collection[int] = ()
    ) -> list[Stage]:
        """A stage for each layer; see `Engine.stages`."""
        return [
            LayerStage(
                layer, k, self.choose, k > 0 and layers[k - 1].owns_output, fixed=k in frozen
            )
            for k, layer in enumerate(layers)
        ]

    def loss(self, loss: Loss) -> Loss:
        """As it is written down."""
        return loss

    def batch_pass(
        self, stages: Sequence[Stage], layout: Layout, loss: Loss
    ) -> Callable[..., BatchPass]:
        """Stage by stage."""
        return partial(BatchPass, stages, layout, loss)

    def chunk_size(self, batch: int, bytes_per_sample: int) -> int:
        """See `execution.chunks`."""
        return chunk_size(batch, bytes_per_sample)

    def choose(self, channels: int, windows: Windows, groups: int = 1) -> Algorithm:
        """The algorithm for a convolution: a function of its shape, never of the machine or a
        timing."""
        if groups > 1:
            return Grouped()
        plain = windows.stride == windows.dilation == (1, 1)
        possible = windows.kernel == (3, 3) and plain
        wanted = self.conv == "winograd" or (self.conv == "auto" and channels >= FEWEST_CHANNELS)
        return Winograd() if possible and wanted else Im2col()


@dataclass(frozen=True)
class LayerStage:
    """One layer, with its own of all parameters, and a context of its own."""

    layer: Layer
    number: int
    choose: Choice
    overwrite: bool = False
    fixed: bool = False

    @property
    def gathers(self) -> bool:
        """Statistics of the whole batch."""
        return self.layer.statistics_over == "batch" and not self.fixed

    @property
    def layers(self) -> range:
        """Its own number."""
        return range(self.number, self.number + 1)

    def forward(self, x: Array, w: Views, context: ChunkContext) -> tuple[Array, Any]:
        """See `Layer.forward`.  The cache holds the layer's context as well."""
        own = self.own(context)
        y, cache = self.layer.forward(x, w[self.number], own)
        return y, (own, cache) if context.training else None

    def gather(self, x: Array, w: Views, context: ChunkContext) -> Any:
        """See `Layer.gather`."""
        return self.layer.gather(x, w[self.number], self.own(context))

    def gather_back(self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Any:
        """See `Layer.gather_back`."""
        (own, cache), k = cache, self.number
        return self.layer.gather_back(dy, cache, w[k], dw[k], own)

    def own(self, context: ChunkContext) -> Context:
        """That of the layer."""
        return Context(
            context.workspace,
            self.number,
            self.choose,
            training=context.training,
            rng_key=(*context.rng_key, self.number),
            overwrite=self.overwrite,
            start=context.start,
            fixed=self.fixed,
            statistics=context.statistics[self.number] if context.statistics else {},
            gathered=context.gathered,
            waiting=context.waiting,
        )

    def backward(
        self, dy: Array, cache: Any, w: Views, dw: Views, context: ChunkContext, need_dx: bool
    ) -> Array | None:
        """See `Layer.backward`."""
        (own, cache), k = cache, self.number
        own.gathered = context.gathered
        return self.layer.backward(dy, cache, w[k], dw[k], own, need_dx)

    def jvp(self, dx: Array, cache: Any, w: Views, dw: Views, context: ChunkContext) -> Array:
        """See `Layer.jvp`."""
        own, cache = cache
        return self.layer.jvp(dx, cache, w[self.number], dw[self.number], own)
