"""The default initial weights depend on the place in the network."""

import pytest

from cnntrain.config import load_config, parse_overrides


@pytest.mark.parametrize(
    ("layers", "inits"),
    [
        ("[{type: conv, filters: 1, kernel: 1}, {type: flatten}, {type: dense, units: 2}]", "hg"),
        ("[{type: dense, units: 3}, {type: dense, units: 2, init: he_normal}]", "hh"),
        ("[{type: flatten}, {type: dense, units: 2}, {type: relu}]", "g"),
    ],
)
def test_the_last_layer_with_weights_starts_near_the_origin(write, layers, inits) -> None:
    given = parse_overrides([f"layers={layers}", "loss=quadratic"])
    found = [
        layer.init.word()[0]
        for layer in load_config(write(), given).layers
        if hasattr(layer, "init")
    ]
    assert "".join(found) == inits
