"""Whole trainings of configs/fashion, by the time of a step.

PyTorch's figure is the time of its steps alone: reading and augmenting pictures would come on top.
"""

from __future__ import annotations

from pathlib import Path

from report import Report
from steps import step_row

import cnntrain

CONFIGS = Path(__file__).parents[2] / "configs" / "fashion"
SAMPLES = 60_000
THREADS = 2
COLUMNS = ["config", "steps", "cnntrain ms", "PyTorch ms", "ratio", "cnntrain s", "PyTorch s"]


def trainings(pairs: int) -> Report:
    """Steps of each network, in turns, and how long all steps of its training take."""
    paths = sorted(CONFIGS.glob("*.yaml"))
    rows = [training_row(path, max(pairs // 3, 1)) for path in paths]
    return Report("trainings", f"steps of configs/fashion with {THREADS} threads", COLUMNS, rows)


def training_row(path: Path, pairs: int) -> list:
    config = cnntrain.load_config(path)

    def network() -> tuple[list, tuple[int, ...]]:
        return list(config.layers[:-1]), (28, 28, 1)

    batch, epochs = config.batch_size, config.epochs
    _, _, mine, other, _, ratio, *_ = step_row((network, batch), THREADS, pairs)
    steps = epochs * -(-SAMPLES // batch)
    return [path.stem, steps, mine, other, ratio, steps * mine / 1e3, steps * other / 1e3]
