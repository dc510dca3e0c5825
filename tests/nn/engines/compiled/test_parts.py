"""Which layers are in C: all that there are, so that a network is one call."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import IN_C

from cnntrain.nn.engines.compiled.batch_pass import CompiledBatchPass
from cnntrain.nn.engines.compiled.parts import KINDS, Part, parts
from cnntrain.nn.layers import LAYERS, Conv, Dense, Flatten, Layer, Softmax
from cnntrain.nn.layers.joints import Branch, Sum, Turn
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples


def test_every_layer_has_a_kernel():
    joints = {Branch, Turn, Sum}
    assert set(KINDS) == {kind for kind in LAYERS if issubclass(kind, Layer)} | joints


@pytest.mark.parametrize(("layer", "shape"), IN_C.values(), ids=IN_C.keys())
def test_a_layer_by_itself_is_one_part(layer, shape):
    (part,) = parts([layer], [shape, layer.output_shape(shape)], "auto")
    assert isinstance(part, Part)
    assert part.handed_on == layer.output_shape(shape)


@pytest.mark.parametrize("loss", [CrossEntropy(), Quadratic()], ids=["logits", "outputs"])
@pytest.mark.parametrize(("layer", "shape"), IN_C.values(), ids=IN_C.keys())
def test_a_network_with_it_is_one_call(layer, shape, loss, compiled):
    """Between others."""
    before = [layer] if len(shape) == 1 else [Conv(filters=shape[0], kernel=1), layer, Flatten()]
    layers = [*before, Dense(units=3), Softmax()]
    if type(layer) is Softmax:
        layers = [Dense(units=3), layer]
    given = shape if len(shape) == 1 else (*shape[1:], shape[0])
    net = Network(layers, loss, given, 3, np.dtype("f4"), compiled)
    x = np.zeros((2, *given))
    samples = ArraySamples(x, np.zeros(2, np.int64))
    evaluating = net._evaluating(net.initial_parameters(0), net.initial_buffers())
    found = evaluating(samples, net.chunks(2))
    assert isinstance(found, CompiledBatchPass)
    assert found.outputs().shape == (2, 3)
