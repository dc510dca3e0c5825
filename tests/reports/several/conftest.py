"""Runs of three settings with two seeds each, and sweeps."""

import pytest
from trials_here import trials_here

import cnntrain

from ..conftest import DIGITS


@pytest.fixture(scope="session")
def several(tmp_path_factory):
    """Six runs; one of them ends earlier than the other seed of its settings."""
    folder = tmp_path_factory.mktemp("several")
    for batch_size in (32, 64, 128):
        for seed in (0, 1):
            epochs = 2 if (batch_size, seed) == (128, 1) else 3
            config = {**DIGITS, "batch_size": batch_size, "seed": seed, "evaluate_train": "full"}
            run = folder / f"batch-{batch_size}" / f"seed-{seed}"
            cnntrain.fit({**config, "epochs": 3, "max_minutes": "none"}, run=run)
            if epochs == 2:
                lines = (run / "metrics.csv").read_text().splitlines()
                (run / "metrics.csv").write_text("\n".join(lines[:3]) + "\n")
    return sorted(folder.glob("*/seed-*"))


@pytest.fixture(scope="session")
def swept(tmp_path_factory):
    """`swept(name)`: the directory of a sweep over rates, one over a setting, and one over two."""
    folder, config = tmp_path_factory.mktemp("sweeps"), {**DIGITS, "epochs": 1}
    over = {"batch_size": [32, 64], "optimizer.momentum": [0.0, 0.9]}
    with trials_here():
        cnntrain.lr_sweep(config, rates=[0.01, 0.1, 1e9], epochs=1, seeds=2, run=folder / "rates")
        cnntrain.sweep(config, over=over, run=folder / "two")
        cnntrain.sweep(config, over={"batch_size": [16, 64]}, seeds=2, run=folder / "one")
    return folder
