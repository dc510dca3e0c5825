"""Layers with a kernel keep the contracts of all layers when the compiled engine computes them."""

from __future__ import annotations

import pytest
from layer_contracts import CONTRACTS
from slow_layers import SLOW

from cnntrain.nn.engines.compiled.stages import CompiledStage
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.layers import Conv, Dense

CASES = {
    "conv": (Conv(filters=3, kernel=3), (2, 6, 6)),
    "conv of one pixel": (Conv(filters=2, kernel=1), (3, 1, 1)),
    "conv with a kernel as large as the image": (Conv(filters=2, kernel=5), (1, 5, 5)),
    "conv same with an even kernel": (Conv(filters=2, kernel=4, padding="same"), (1, 6, 5)),
    "conv with a stride above the kernel": (Conv(filters=2, kernel=1, stride=3), (1, 7, 5)),
    "conv with two strides": (Conv(filters=2, kernel=2, stride=(3, 1)), (2, 8, 4)),
    "conv padded unevenly": (
        Conv(filters=2, kernel=(3, 2), stride=(1, 2), padding=(0, 2, 1, 3)),
        (2, 4, 5),
    ),
    "conv without bias": (Conv(filters=7, kernel=3, bias=False), (2, 5, 5)),
    "conv with holes": (
        Conv(filters=2, kernel=(3, 2), dilation=(1, 3), stride=(2, 1), padding="same"),
        (2, 5, 6),
    ),
    "conv in groups with holes and strides": (
        Conv(filters=3, kernel=2, groups=3, dilation=2, stride=2, padding=(1, 0, 2, 1)),
        (6, 6, 5),
    ),
    "conv by depth, twice as deep": (Conv(filters=6, kernel=(2, 3), groups=3), (3, 4, 4)),
    "conv of signals": (Conv(filters=3, kernel=(3,), padding=1), (2, 1, 7)),
    "winograd": (Conv(filters=3, kernel=3, padding="same"), (17, 4, 4)),
    "dense": (Dense(units=4), (7,)),
    "dense with one unit": (Dense(units=1), (3,)),
    "dense without bias": (Dense(units=3, bias=False), (17,)),
}


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
@pytest.mark.parametrize("case", CASES)
def test_contract(case, contract, compiled):
    layer, shape = CASES[case]
    contract(InC(layer, compiled), shape, SLOW[layer.type])
