"""Signals of one dimension, (N, L, C) or (N, C, L), from the file to the prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnntrain
from cnntrain.errors import DataError

CONFIG = """
data: {source: npz, path: waves.npz, axes: AXES, test: 0.25}
layers:
  - {type: conv, filters: 8, kernel: [5], padding: same}
  - {type: relu}
  - {type: max_pool, window: [2]}
  - {type: conv, filters: 8, kernel: [3], padding: 1}
  - {type: silu}
  - {type: avg_pool, window: all}
  - {type: flatten}
  - {type: dense, units: 2}
  - {type: softmax}
loss: cross_entropy
batch_size: 32
epochs: 12
learning_rate: 0.02
optimizer: {type: adam}
"""


def waves(count=400):
    """Slow and fast waves with any phase, in two channels, of length 24."""
    rng, y = np.random.default_rng(0), np.arange(count) % 2
    phase = rng.uniform(0, 2 * np.pi, size=(count, 1, 2))
    x = np.sin(np.where(y, 1.3, 0.9)[:, None, None] * np.arange(24)[:, None] + phase)
    return (x + rng.normal(scale=0.3, size=x.shape)).astype(np.float32), y


@pytest.mark.parametrize("axes", ["NLC", "NCL"])
def test_they_are_learned_and_predicted(axes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = waves()
    stored = x if axes == "NLC" else np.moveaxis(x, 1, 2)
    np.savez("waves.npz", x=stored, y=y)
    Path("waves.yaml").write_text(CONFIG.replace("AXES", axes))
    config = cnntrain.load_config("waves.yaml")
    cnntrain.fit(config, run="runs/waves")
    assert cnntrain.evaluate("runs/waves").zero_one_error < 0.05
    model = cnntrain.load_model("runs/waves")
    assert model.network.named_parameters(model.w)["conv1/weight"].shape == (8, 2, 5)
    assert (model.predict(stored) == y).mean() > 0.95
    shape = r"\(N, 24, 2\)" if axes == "NLC" else r"\(N, 2, 24\)"
    with pytest.raises(DataError, match=rf"have shape \(3, 7\), expected {shape} with"):
        model.predict(np.zeros((3, 7), dtype=np.float32))
