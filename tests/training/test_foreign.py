"""Weights that PyTorch wrote come in by start_from."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import save

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
    with pytest.raises(CheckpointError, match=r"a pickle, .*save_file"):
        starting_point(network, config)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data[:-1], "its header claims"),
        (lambda data: data.replace(b'"F32"', b'"F99"', 1), "damaged: "),
    ],
)
def test_a_damaged_file_is_refused(trained, change, told):
    export(trained, "torch", "out", fold=False)
    path = Path("out/model.safetensors")
    path.write_bytes(change(path.read_bytes()))
    config = load_config("small.yaml", {"start_from": str(path)})
    _, network, _ = set_up(config)
    with pytest.raises(CheckpointError, match=told):
        starting_point(network, config)


def test_a_checkpoint_whose_digest_is_damaged_is_no_state_dict(trained):
    path = Run(trained).best
    data = path.read_bytes()
    at = data.index(b'\\"sha256\\":') + len(b'\\"sha256\\":\\"')
    path.write_bytes(data[:at] + b"x" + data[at + 1 :])
    config = load_config("small.yaml", {"start_from": str(path)})
    _, network, _ = set_up(config)
    with pytest.raises(CheckpointError, match="not a cnntrain checkpoint"):
        starting_point(network, config)


def test_what_pytorch_trained_answers_alike(torch, digits):
    """With batch normalisation: parameters and running statistics come in by name."""
    settings = yaml.safe_load(digits.read_text())
    settings["layers"] = [
        {"type": "conv", "filters": 4, "kernel": 3, "bias": False},
        "batch_norm",
        "relu",
        "flatten",
        {"type": "dense", "units": 10},
        "softmax",
    ]
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        OrderedDict(
            conv1=torch.nn.Conv2d(1, 4, 3, bias=False),
            batch_norm1=torch.nn.BatchNorm2d(4),
            relu1=torch.nn.ReLU(),
            flatten1=torch.nn.Flatten(),
            dense1=torch.nn.Linear(144, 10),
        )
    )
    x = np.random.default_rng(0).standard_normal((20, 8, 8, 1)).astype(np.float32)
    inputs, labels = torch.from_numpy(x).permute(0, 3, 1, 2), torch.arange(20) % 10
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for _ in range(2):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    arrays = {name: value.numpy() for name, value in net.state_dict().items()}
    digits.with_name("torch.safetensors").write_bytes(save(arrays))
    config = load_config({**settings, "start_from": "torch.safetensors"})
    _, network, _ = set_up(config)
    w, buffers, origin = starting_point(network, config)
    assert (origin.new, origin.left, origin.misfits) == ((), (), ())
    with torch.inference_mode():
        there = torch.softmax(net.eval()(inputs), 1).numpy()
    np.testing.assert_allclose(network.predict(w, x, buffers), there, rtol=0, atol=1e-5)
