"""Layers keep the contracts of all layers when the compiled engine computes them."""

from __future__ import annotations

import pytest
from layer_cases import IN_C
from layer_contracts import CONTRACTS
from slow_layers import SLOW

from cnntrain.nn.engines.compiled.stages import CompiledStage
from cnntrain.nn.execution.context import ChunkContext


class InC:
    """A layer whose passes the compiled engine makes."""

    def __init__(self, layer, engine):
        self.layer, self.engine, self.stages = layer, engine, {}

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def __eq__(self, other):
        return self.layer == other

    def stage(self, shape):
        if shape not in self.stages:
            shapes = [shape, self.layer.output_shape(shape)]
            (self.stages[shape],) = self.engine.stages([self.layer], shapes)
            assert isinstance(self.stages[shape], CompiledStage)
        return self.stages[shape]

    def forward(self, x, w, context):
        chunk = ChunkContext(
            context.workspace, context.training, context.rng_key[:-1], context.start
        )
        stage = self.stage(x.shape[:-1])
        y, cache = stage.forward(x, [w], chunk)
        return y, None if cache is None else (stage, chunk, cache)

    def backward(self, dy, cache, w, dw, context, need_dx=True):
        stage, chunk, cache = cache
        return stage.backward(dy, cache, [w], [dw], chunk, need_dx)

    def jvp(self, dx, cache, w, dw, context):
        stage, chunk, cache = cache
        return stage.jvp(dx, cache, [w], [dw], chunk)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize(("layer", "shape"), IN_C.values(), ids=IN_C.keys())
def test_contract(layer, shape, contract, compiled):
    contract(InC(layer, compiled), shape, SLOW[layer.word()])
