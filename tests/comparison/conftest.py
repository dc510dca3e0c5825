"""Run directories, as far as `compare` reads them."""

import json

import pytest


def make_run(
    path, error=0.1, loss=0.5, seed=0, batch_size=16, status="finished", rows=2, fold=None
):
    """What `compare` reads of a run."""
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(
        f"name: {path.name}\nseed: {seed}\ndata: {{source: digits, fold: {fold or 'none'}}}\n"
        "layers:\n  - {type: dense, units: 10}\n"
        f"batch_size: {batch_size}\n"
    )
    best = {
        "epoch": 1,
        "step": 4,
        "validation_error": error,
        "validation_loss": loss,
        "train_loss": loss,
        "checkpoint": "checkpoints/epoch-0001.safetensors",
    }
    summary = {"status": status, "epochs": rows, "parameters": 100, "seconds": 1.5}
    (path / "summary.json").write_text(json.dumps({**summary, "early_stopping_point": best}))
    lines = [f"{epoch},{loss + epoch}" for epoch in range(1, rows + 1)]
    (path / "metrics.csv").write_text("\n".join(["epoch,train_loss", *lines]) + "\n")
    return path


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two seeds of one batch size, one of another."""
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "a0", error=0.1, seed=0)
    make_run(tmp_path / "a1", error=0.3, seed=1)
    make_run(tmp_path / "b0", error=0.2, batch_size=32, status="early_stopped")
    return ["a0", "a1", "b0"]
