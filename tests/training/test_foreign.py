"""Weights that PyTorch wrote come in by start_from."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain import load_config
from cnntrain.errors import CheckpointError
from cnntrain.experiment import set_up
from cnntrain.exports.export import export
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.reader import Run
from cnntrain.training.origin import starting_point


def test_what_was_exported_comes_back_to_the_same_bits(trained):
    export(trained, "torch", "out", fold=False)
    config = load_config("small.yaml", {"start_from": "out/model.safetensors"})
    _, network, _ = set_up(config)
    w, _, origin = starting_point(network, config)
    before = Checkpoint.read(Run(trained).best).named_arrays
    assert set(origin.loaded) == set(before)
    assert set(origin.left) == {"mean", "std"}
    for name, array in network.named_parameters(w).items():
        np.testing.assert_array_equal(array, before[name])


def test_a_pickle_is_refused(digits):
    digits.with_name("model.pt").write_bytes(b"PK")
    config = load_config(digits, {"start_from": "model.pt"})
    _, network, _ = set_up(config)
    with pytest.raises(CheckpointError, match=r"is a pickle.*save_file"):
        starting_point(network, config)
