"""The compiled engine: which layers run in C, in what order."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from cnntrain.nn.engines.compiled.batch_pass import CompiledBatchPass
from cnntrain.nn.engines.compiled.library import Library
from cnntrain.nn.engines.compiled.losses import InC, in_c
from cnntrain.nn.engines.compiled.parts import Part, parts
from cnntrain.nn.engines.compiled.program import Program
from cnntrain.nn.engines.compiled.stages import CompiledStage, Run
from cnntrain.nn.engines.compiled.structures import LANES
from cnntrain.nn.engines.engine import Stage
from cnntrain.nn.engines.numpy.engine import LayerStage, NumpyEngine
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import Loss
from cnntrain.nn.shapes import Shape

MOST_GROUPS = 4  # of sixteen samples in a chunk


@dataclass(frozen=True)
class CompiledEngine:
    """Layers in C, several of them in one call, on groups of sixteen samples; those without a
    kernel run in NumPy.

    conv   as in `NumpyEngine`; im2col stands for the direct sum
    """

    library: Library
    conv: Literal["auto", "im2col", "winograd"] = "auto"
    name: str = "compiled"

    @property
    def library_text(self) -> str:
        """The level of the library, and how it was compiled."""
        return f"{self.library.level}, {self.library.compiled}"

    def stages(
        self, layers: Sequence[Layer], shapes: Sequence[Shape], frozen: Collection[int] = ()
    ) -> list[Stage]:
        """Parts in C where there are kernels, and the layers between; see `Engine.stages`."""
        plain = NumpyEngine(self.conv).stages(layers, shapes, frozen)
        stages: list[Stage] = []
        waiting: list[Part] = []
        for item in [*parts(layers, shapes, self.conv, frozen), -1]:
            if isinstance(item, Part):
                waiting.append(item)
                continue
            run = Run(tuple(waiting), self.library)
            for number, part in enumerate(waiting):
                stages.append(CompiledStage(run, number, self._plain(layers, part)))
            waiting.clear()
            if item >= 0:
                stages.append(plain[item])
        return stages

    def loss(self, loss: Loss) -> Loss:
        """See `losses`."""
        return in_c(loss, self.library)

    def batch_pass(
        self, stages: Sequence[Stage], layout: Layout, loss: Loss
    ) -> Callable[..., BatchPass]:
        """In one call, where all stages and the loss are in C."""
        runs = {stage.run if isinstance(stage, CompiledStage) else None for stage in stages}
        run = runs.pop() if len(runs) == 1 else None
        if run is None or not isinstance(loss, InC):
            return partial(BatchPass, stages, layout, loss)
        program = Program(run, loss, layout)
        return partial(CompiledBatchPass, stages, layout, loss, program=program)

    def chunk_size(self, batch: int, bytes_per_sample: int) -> int:
        """Whole groups of samples, at least two chunks where there are two groups."""
        groups = math.ceil(batch / LANES)
        chunks = max(math.ceil(groups / MOST_GROUPS), min(groups, 2))
        return math.ceil(groups / chunks) * LANES

    def _plain(self, layers: Sequence[Layer], part: Part) -> list[LayerStage]:
        """The part in NumPy; its input, which is another's, stays as it is."""
        choose = NumpyEngine(self.conv).choose
        return [
            LayerStage(
                layers[k],
                k,
                choose,
                overwrite=k > part.layers.start and layers[k - 1].owns_output,
            )
            for k in part.layers
        ]
