"""layers.csv: the last step of each epoch by layer, and the units that have died."""

import csv

import numpy as np
import pytest

import cnntrain as package
from cnntrain.nn.inspect.activations import activations
from cnntrain.nn.inspect.dead import dead_shares
from cnntrain.nn.samples import ArraySamples
from cnntrain.training.layer_rows import PROBE

RELUS = {
    "name": "small",
    "data": {"source": "digits", "validation": 0.1},
    "layers": [
        {"type": "conv", "filters": 4, "kernel": 3},
        {"type": "batch_norm"},
        {"type": "relu"},
        {"type": "residual", "layers": [{"type": "conv", "filters": 4, "kernel": 1}]},
        {"type": "relu"},
        {"type": "flatten"},
        {"type": "dense", "units": 10},
        {"type": "softmax"},
    ],
    "loss": "cross_entropy",
    "batch_size": 300,
    "epochs": 2,
    "learning_rate": 0.1,
    "record_layers": True,
}


def rows(run):
    with (run / "layers.csv").open() as file:
        return list(csv.DictReader(file))


def test_layers_add_up_to_the_step_as_a_whole(tmp_path):
    """Squares of the norms of the parts of a vector add up to that of the vector."""
    package.fit({**RELUS, "record_steps": 1, "compute": {"dtype": "float64"}}, run=tmp_path / "run")
    run = package.Run(tmp_path / "run")
    ends = run.steps["step"] % (len(run.steps["step"]) // 2) == 0
    parts = [columns for name, columns in run.layers.items() if not name.startswith("relu")]
    assert list(run.layers) == [
        "conv1",
        "batch_norm1",
        "relu1",
        "residual1/conv1",
        "relu2",
        "dense1",
    ]
    gradient = sum(p["gradient_norm"] ** 2 for p in parts)
    np.testing.assert_allclose(gradient, run.steps["gradient_norm"][ends] ** 2, rtol=1e-12)
    step = sum((p["update_ratio"] * p["weight_norm"]) ** 2 for p in parts)
    np.testing.assert_allclose(step, run.steps["step_norm"][ends] ** 2, rtol=1e-12)


def test_without_momentum_a_layers_step_is_rate_times_gradient(tmp_path):
    package.fit({**RELUS, "compute": {"dtype": "float64"}}, run=tmp_path / "run")
    for row in rows(tmp_path / "run"):
        if row["gradient_norm"]:
            step = float(row["update_ratio"]) * float(row["weight_norm"])
            assert step == pytest.approx(0.1 * float(row["gradient_norm"]), rel=1e-9)


def test_gradients_are_those_before_they_are_clipped(tmp_path):
    for name, clip in (("plain", "none"), ("clipped", 1e-3)):
        package.fit({**RELUS, "epochs": 1, "drop_last": True, "batch_size": "full",
                     "gradient_clip": clip}, run=tmp_path / name)  # fmt: skip
    plain, clipped = rows(tmp_path / "plain"), rows(tmp_path / "clipped")
    assert [r["gradient_norm"] for r in plain] == [r["gradient_norm"] for r in clipped]
    ratios = [[float(r["update_ratio"] or 0) for r in table] for table in (plain, clipped)]
    assert max(ratios[1]) < max(ratios[0]) / 10


def test_an_optimizer_without_gradients_leaves_their_cells_empty(tmp_path):
    package.fit({**RELUS, "optimizer": {"type": "spsa"}, "learning_rate": 1e-4}, run=tmp_path / "r")
    found = rows(tmp_path / "r")
    assert {row["gradient_norm"] for row in found} == {""}
    assert all(row["weight_norm"] for row in found if not row["layer"].startswith("relu"))


def test_frozen_layers_are_left_out(tmp_path):
    package.fit(RELUS, run=tmp_path / "first")
    start = {"checkpoint": str(tmp_path / "first"), "freeze": ["conv1", "batch_norm1"]}
    package.fit({**RELUS, "start_from": start}, run=tmp_path / "run")
    assert [row["layer"] for row in rows(tmp_path / "run")][:2] == ["relu1", "residual1/conv1"]


def test_results_are_the_same_without_it(tmp_path):
    for name, asked in (("with", True), ("without", False)):
        package.fit({**RELUS, "record_layers": asked}, run=tmp_path / name)
    lines = [(tmp_path / name / "metrics.csv").read_text() for name in ("with", "without")]
    assert lines[0] == lines[1]
    w = [package.load_model(tmp_path / name).w for name in ("with", "without")]
    np.testing.assert_array_equal(*w)
    assert not (tmp_path / "without" / "layers.csv").exists()


@pytest.mark.parametrize("compute", [{"workers": 3}, {"workers": 1, "chunk": 7}])
def test_the_share_of_dead_units_depends_on_neither_workers_nor_chunks(tmp_path, compute):
    for name, settings in (("one", {"workers": 1, "chunk": 7}), ("other", compute)):
        package.fit({**RELUS, "epochs": 1, "compute": settings}, run=tmp_path / name)
    dead = [[r["dead"] for r in rows(tmp_path / name)] for name in ("one", "other")]
    assert dead[0] == dead[1]


def test_units_are_dead_that_are_0_for_every_sample_of_the_probe(tmp_path):
    """Against outputs of the network itself, cut off after each ReLU."""
    package.fit({**RELUS, "learning_rate": 3.0, "epochs": 1}, run=tmp_path / "run")
    run = package.Run(tmp_path / "run")
    model, data = package.load_model(run.last), package.load_data(run.config)
    probe = data.samples(data.train, np.arange(PROBE))
    found = activations(model.network, model.w, probe, model.buffers)
    for name in ("relu1", "relu2"):
        dead = (found[name] == 0).all(axis=(0, 1, 2)).mean()
        assert run.layers[name]["dead"].tolist() == [dead]


def test_a_unit_far_below_zero_is_dead():
    layers = [{"type": "dense", "units": 3}, "relu", {"type": "dense", "units": 2}, "softmax"]
    config = package.load_config({**RELUS, "layers": layers, "compute": {"workers": 2, "chunk": 5}})
    network = package.build_network(config, input_shape=(4,), outputs=2)
    w = network.initial_parameters(0)
    network.named_parameters(w)["dense1/bias"][...] = [-1e6, 0, 1e6]
    x = np.random.default_rng(0).normal(size=(23, 4))
    samples = ArraySamples(x, np.zeros(23, dtype=np.int64))
    assert dead_shares(network, w, samples) == {1: pytest.approx(1 / 3)}
