"""What a run spends around its training steps: data, metrics, checks, checkpoints, display."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from report import Report

import cnntrain
from cnntrain.optim.methods import SGD

LAYERS = """
  - {type: conv, filters: 32, kernel: 3}
  - {type: relu}
  - {type: conv, filters: 64, kernel: 3}
  - {type: relu}
  - {type: max_pool, window: 2}
  - {type: flatten}
  - {type: dense, units: 128}
  - {type: relu}
  - {type: dense, units: 10}
  - {type: softmax}
"""
CONFIG = f"""
name: small
data: {{source: npz, path: images.npz}}
layers: {LAYERS}
loss: cross_entropy
batch_size: 64
epochs: 1
learning_rate: 0.01
optimizer: {{type: sgd, momentum: 0.9}}
"""
SAMPLES = 2_000


def loop(pairs: int) -> Report:
    """An epoch of `small`, and how much of it is not the optimizer's steps."""
    rows = []
    for _ in range(max(pairs // 3, 1)):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(epoch(Path(folder)))
    columns = ["seconds an epoch", "of which steps", "share of the rest"]
    return Report("loop", "an epoch of `small`", columns, rows)


def epoch(folder: Path) -> list[float]:
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (SAMPLES, 28, 28, 1), dtype=np.uint8)
    np.savez(folder / "images.npz", x=x, y=random.integers(0, 10, SAMPLES))
    (folder / "small.yaml").write_text(CONFIG)
    config = cnntrain.load_config(str(folder / "small.yaml"))
    steps, step = 0.0, SGD.step

    def timed(*arguments):
        nonlocal steps
        start = time.perf_counter()
        result = step(*arguments)
        steps += time.perf_counter() - start
        return result

    SGD.step = timed
    try:
        cnntrain.fit(config, run=folder / "run")
    finally:
        SGD.step = step
    timings = (folder / "run" / "timings.csv").read_text().splitlines()
    total = float(dict(zip(*(line.split(",") for line in timings[:2]), strict=True))["seconds"])
    return [total, steps, 1 - steps / total]
