"""configs/blobs.py: the data for regression.yaml."""

import subprocess
import sys

import numpy as np

from cnntrain.resources import bundled

SCRIPT = bundled("configs") / "blobs.py"


def test_the_script_writes_data_for_regression(tmp_path, load):
    for name in ("blobs.npz", "again.npz"):
        subprocess.run([sys.executable, SCRIPT, tmp_path / name], check=True)
    data = load("{source: npz, path: blobs.npz, test: 0.2}")
    assert data.class_names is None and data.outputs == 2
    assert data.input_shape == (16, 16, 1) and data.train.x.dtype == np.uint8
    assert (len(data.train), len(data.test)) == (1600, 400)
    assert data.warnings == ()
    again = load("{source: npz, path: again.npz}")
    assert again.fingerprint == data.fingerprint


def test_the_dot_is_where_the_target_says(tmp_path, load):
    subprocess.run([sys.executable, SCRIPT, tmp_path / "blobs.npz"], check=True)
    data = load("{source: npz, path: blobs.npz}")
    bright = np.maximum(data.train.x[..., 0].astype(float) - 60, 0)
    centre = np.stack(
        [(bright.sum(axis=axis) * np.arange(16)).sum(axis=1) for axis in (2, 1)], axis=1
    )
    centre /= bright.sum(axis=(1, 2))[:, None]
    assert np.abs(centre - data.train.y).max() < 0.5


def test_the_script_says_how_it_is_called():
    for arguments in ([], ["a", "b"]):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr == "usage: python blobs.py FILE.npz\n"
