"""Weights that PyTorch wrote: where their arrays go, by name and by order."""

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
from cnntrain.training.matching import matching
from cnntrain.training.origin import starting_point


def test_what_was_exported_comes_back_to_the_same_bits(trained):
    export(trained, "torch", "out", fold=False)
    config = load_config("small.yaml", {"start_from": "out/model.safetensors"})
    _, network, _ = set_up(config)
    w, _, origin = starting_point(network, config)
    before = Checkpoint.read(Run(trained).best).named_arrays
    assert set(origin.loaded) == set(before)
    assert origin.left == ()
    for name, array in network.named_parameters(w).items():
        np.testing.assert_array_equal(array, before[name])


DENSE, CONV, NORM = (3, 3), (3, 3, 1, 1), (3,)


def held(**shapes):
    """Arrays of these shapes by name, sorted as safetensors sorts them."""
    return {name.replace("_", "."): np.zeros(shapes[name]) for name in sorted(shapes)}


@pytest.mark.parametrize(
    ("there", "went"),
    [
        (held(n_10_weight=DENSE, n_2_weight=DENSE), {"a": "n.2", "b": "n.10"}),
        (held(x10_y_weight=DENSE, x9_y_weight=DENSE), {"a": "x9.y", "b": "x10.y"}),
        (held(x007_weight=DENSE, x10_weight=DENSE), {"a": "x007", "b": "x10"}),
        (
            held(bn1_weight=NORM, conv1_weight=CONV, fc_weight=DENSE, fc2_weight=DENSE),
            {"a": "fc", "b": "fc2", "c": "conv1", "d": "bn1"},
        ),
    ],
)
def test_the_order_is_that_of_names_among_layers_of_a_kind(there, went):
    shapes = {"a": DENSE, "c": CONV, "d": NORM, "b": DENSE}
    here = {f"{name}/weight": np.zeros(shapes[name]) for name in shapes if name in went}
    found = matching(there, here, whole=True)
    assert (found.by, found.left, found.unsure) == ("order", (), None)
    assert found.names == {f"{name}/weight": f"{module}.weight" for name, module in went.items()}


def test_an_order_that_only_the_alphabet_gives_is_doubted():
    here = {"a/weight": np.zeros(DENSE), "b/weight": np.zeros(DENSE)}
    found = matching(held(stem_weight=DENSE, head_weight=DENSE), here, whole=True)
    assert found.unsure.startswith("the alphabet alone puts head before stem: their shapes")
    here["b/weight"] = np.zeros((4, 3))
    found = matching(held(stem_weight=(4, 3), head_weight=DENSE), here, whole=True)
    assert (found.unsure, len(found.names)) == (None, 2)


def test_by_order_what_follows_a_misfit_is_left():
    here = {"a/weight": np.zeros(DENSE), "b/weight": np.zeros((4, 3)), "c/weight": np.zeros(DENSE)}
    there = held(n0_weight=DENSE, n1_weight=DENSE, n2_weight=DENSE)
    found = matching(there, here, whole=False)
    assert found.names == {"a/weight": "n0.weight", "b/weight": "n1.weight"}
    assert found.left == ("n2.weight",)
    there["n0.bias"] = np.zeros(3)
    assert matching(there, here, whole=False).names == {"a/weight": "n0.weight"}


def test_some_names_are_enough_for_a_start_and_not_for_a_whole():
    there = held(conv1_weight=CONV, bn1_weight=NORM)
    here = {"conv1/weight": np.zeros(CONV), "norm1/weight": np.zeros(NORM)}
    start, whole = (matching(there, here, whole) for whole in (False, True))
    assert (start.by, start.names) == ("name", {"conv1/weight": "conv1.weight"})
    assert (whole.by, len(whole.names)) == ("order", 2)


def test_a_start_by_order_takes_what_fits(digits):
    random = np.random.default_rng(0)
    there = {"0.weight": (4, 1, 3, 3), "0.bias": (4,), "1.weight": (5, 36), "1.bias": (5,)}
    arrays = {name: random.standard_normal(shape) for name, shape in there.items()}
    Path("net.safetensors").write_bytes(save(arrays))
    config = load_config(digits, {"start_from": "net.safetensors"})
    _, network, _ = set_up(config)
    w, _, origin = starting_point(network, config)
    assert (origin.by, origin.loaded) == ("order", ("conv1/weight", "conv1/bias"))
    assert origin.misfits == ("dense1/weight", "dense1/bias")
    loaded = network.named_parameters(w)["conv1/weight"]
    np.testing.assert_array_equal(loaded, arrays["0.weight"].astype("f"))


def test_other_statistics_of_raw_inputs_are_doubted(trained):
    export(trained, "torch", "out", fold=False)
    for kind, doubted in (("per_channel", False), ("zero_to_one", True), ("per_pixel", True)):
        change = {"data.standardize": kind, "start_from": "out/model.safetensors"}
        config = load_config("small.yaml", change)
        dataset, network, _ = set_up(config)
        doubts = [*starting_point(network, config)[2].doubts(dataset)]
        assert len(doubts) == doubted
        assert all("its mean and std of raw inputs are not those" in doubt for doubt in doubts)


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
