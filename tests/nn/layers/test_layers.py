"""Every layer held to the same contracts; a new layer adds rows to CASES and a slow reference."""

from __future__ import annotations

import pytest
from layer_cases import CASES
from layer_contracts import CONTRACTS
from slow_layers import SLOW

from cnntrain.nn.layers import LAYERS, Layer


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize(("layer", "shape"), CASES.values(), ids=CASES.keys())
def test_contract(layer, shape, contract):
    contract(layer, shape, SLOW[layer.word()])


def test_every_layer_has_cases_and_a_reference():
    layers = {kind.word() for kind in LAYERS if issubclass(kind, Layer)}
    assert {layer.word() for layer, _ in CASES.values()} == layers == set(SLOW)
