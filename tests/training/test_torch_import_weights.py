"""Networks that PyTorch has trained give the same probabilities here."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cnntrain import export, fit, import_weights, load_config, load_data, load_model

CONV = {"type": "conv", "kernel": 3, "padding": "same", "bias": False}


class Block(nn.Module):
    """A basic block of torchvision's names, the input of which is changed in shape, too."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = nn.Sequential(
            nn.Conv2d(channels, filters, 1, bias=False), nn.BatchNorm2d(filters)
        )

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


def block(filters):
    conv = {**CONV, "filters": filters}
    layers = [conv, "batch_norm", "relu", conv, "batch_norm"]
    shortcut = [{**conv, "kernel": 1}, "batch_norm"]
    return [{"type": "residual", "layers": layers, "shortcut": shortcut}, "relu"]


HEAD = ["flatten", {"type": "dense", "units": 10}, "softmax"]
NETWORKS = {
    "batch normalisation": (
        nn.Sequential(
            *(nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(36, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 10)),
        ),
        [
            {"type": "conv", "filters": 4, "kernel": 3, "bias": False},
            *("batch_norm", "relu", {"type": "max_pool", "window": 2}, "flatten"),
            *({"type": "dense", "units": 16}, "batch_norm", "tanh", *HEAD[1:]),
        ],
    ),
    "residual": (
        nn.Sequential(
            OrderedDict(
                layer1=Block(1, 4),
                layer2=Block(4, 6),
                pool=nn.AdaptiveAvgPool2d(1),
                flat=nn.Flatten(),
                fc=nn.Linear(6, 10),
            )
        ),
        [*block(4), *block(6), {"type": "avg_pool", "window": "all"}, *HEAD],
    ),
    "groups and dilation": (
        nn.Sequential(
            *(nn.Conv2d(1, 6, 3, padding=1), nn.GroupNorm(3, 6), nn.GELU()),
            *(nn.Conv2d(6, 12, (3, 2), groups=3, dilation=2), nn.SiLU()),
            *(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12 * 2 * 3, 10, bias=False)),
        ),
        [
            *({**CONV, "filters": 6, "bias": True}, {"type": "group_norm", "groups": 3}, "gelu"),
            {"type": "conv", "filters": 12, "kernel": [3, 2], "groups": 3, "dilation": 2},
            *("silu", {"type": "avg_pool", "window": 2}, "flatten"),
            *({"type": "dense", "units": 10, "bias": False}, "softmax"),
        ],
    ),
}
SIGNALS = (
    nn.Sequential(
        *(nn.Conv1d(2, 4, 5, stride=2), nn.BatchNorm1d(4), nn.ReLU()),
        *(nn.Conv1d(4, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 8, 3)),
    ),
    [
        *({"type": "conv", "filters": 4, "kernel": [5], "stride": [2]}, "batch_norm", "relu"),
        {"type": "conv", "filters": 6, "kernel": [3], "padding": 1},
        *("relu", "flatten", {"type": "dense", "units": 3}, "softmax"),
    ],
)


def trained_there(net, x, y):
    """Three steps in PyTorch, and its weights as a file."""
    torch.manual_seed(0)
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    inputs, labels = torch.from_numpy(x).float(), torch.from_numpy(y)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    save_file(net.state_dict(), "torch.safetensors")
    with torch.inference_mode():
        return torch.softmax(net.eval()(inputs), 1).numpy()


def settings(layers, **data):
    training = {"loss": "cross_entropy", "batch_size": 16, "epochs": 1, "learning_rate": 0.01}
    given = {"validation": 0.1, "standardize": "none", **data}
    return load_config({"data": given, "layers": layers, **training})


@pytest.mark.parametrize("name", NETWORKS)
def test_images(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    net, layers = NETWORKS[name]
    config = settings(layers, source="digits")
    part = load_data(config).train
    there = trained_there(net, part.x[:50].transpose(0, 3, 1, 2), part.y[:50])
    found = import_weights("torch.safetensors", config, run="run")
    assert found.by == "order"
    np.testing.assert_allclose(
        load_model("run").predict_proba(part.x[:50]), there, rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("height", [False, True])
def test_signals(tmp_path, monkeypatch, height):
    monkeypatch.chdir(tmp_path)
    net, layers = SIGNALS
    random = np.random.default_rng(0)
    x = random.standard_normal((60, 2, 20)).astype(np.float32)
    np.savez("signals.npz", x=x, y=np.arange(60) % 3)
    there = trained_there(net, x, np.arange(60) % 3)
    if height:  # as Conv2d has them
        state = net.state_dict()
        held = {k: v.unsqueeze(2) if v.ndim == 3 else v for k, v in state.items()}
        save_file(held, "torch.safetensors")
    config = settings(layers, source="npz", path="signals.npz", axes="NCL")
    import_weights("torch.safetensors", config, run="run")
    np.testing.assert_allclose(load_model("run").predict_proba(x), there, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_was_exported_comes_back_with_the_same_bytes(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    config = settings(NETWORKS[name][1], source="digits", standardize="per_pixel")
    fit(config, run="first")
    export("first", to="torch", output="out", fold=False)
    found = import_weights(Path("out/model.safetensors"), config, run="second")
    assert (found.by, found.warnings) == ("name", ())
    x = load_data(config).train.x
    first, second = (load_model(run).predict_proba(x) for run in ("first", "second"))
    assert first.tobytes() == second.tobytes()
