"""Which layers patterns of names freeze, and what is wrong with patterns."""

from __future__ import annotations

import pytest

from cnntrain.nn.frozen import frozen, problems
from cnntrain.nn.layers import BatchNorm, Conv, Dense, Flatten, ReLU, Residual
from cnntrain.nn.nodes import line

CONV = Conv(filters=2, kernel=3, padding="same")
NODES = line(
    [
        CONV,
        ReLU(),
        Residual(layers=(CONV, BatchNorm()), name="block2"),
        Flatten(),
        Dense(units=2, name="head"),
    ]
).nodes
PARAMETERS = ["conv1", "block2/conv1", "block2/batch_norm1", "head"]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ([], []),
        (["conv1"], ["conv1"]),
        (["conv*"], ["conv1"]),
        (["*conv*"], ["conv1", "block2/conv1"]),
        (["block2"], ["block2/conv1", "block2/batch_norm1"]),
        (["block?", "conv[123]"], PARAMETERS[:3]),
        (["block2/*norm1"], ["block2/batch_norm1"]),
        (["[!h]*"], PARAMETERS[:3]),
        (["relu1", "CONV1", "conv"], []),
        (["*"], PARAMETERS),
    ],
)
def test_layers_with_parameters_by_their_names(patterns, names):
    assert [NODES[k].name for k in sorted(frozen(NODES, patterns))] == names


def test_patterns_that_cannot_be_meant():
    listed = ", ".join(PARAMETERS)
    assert list(problems(NODES, ["conv1", "cnv", "relu*"])) == [
        (1, f"found cnv, which no layer matches, expected some of {listed}"),
        (2, f"found relu*, which matches no layer with parameters, expected some of {listed}"),
    ]
    assert list(problems(NODES, ["block2", "head", "conv1"])) == [
        (None, f"found patterns of all layers with parameters, {listed}, expected to spare one")
    ]
    assert list(problems(NODES, ["block2", "head"])) == []
