"""Training that begins with a checkpoint: what is loaded, what is frozen, what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnntrain import Run, fit, load_config, load_model, lr_sweep
from cnntrain.errors import CheckpointError, NotFoundError, UsageError
from cnntrain.experiment import set_up
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.sweeps.range_test import make_curve
from cnntrain.training.origin import starting_point

from ..run_files import digests, events

HEAD = "\n  - {type: dense, units: 16}\n  - {type: tanh}"


@pytest.fixture
def first(digits):
    """A run with batch normalisation, and its config."""
    text = re.sub(r"(\n +- \{type: relu\})", r"\n  - {type: batch_norm}\1", digits.read_text())
    digits.write_text(text)
    fit(digits, run="first")
    return digits


@pytest.fixture
def second(first):
    """`second(KEY=VALUE)`: the config of another network, which starts from that run."""
    path = first.with_name("second.yaml")
    text = re.sub(r"(\n +- \{type: flatten\})", rf"\1{HEAD}", first.read_text())
    path.write_text(f"{text}\nstart_from: {{checkpoint: first}}\n")
    return lambda **given: load_config(path, {k.replace("__", "."): v for k, v in given.items()})


def named(path, **given):
    model = load_model(path, **given)
    network = model.network
    return {**network.named_parameters(model.w), **network.named_buffers(model.buffers)}


def test_arrays_go_to_layers_of_the_same_names_and_shapes(second):
    config = second()
    _, network, _ = set_up(config)
    w, buffers, origin = starting_point(network, config)
    found = {**network.named_parameters(w), **network.named_buffers(buffers)}
    random = network.named_parameters(network.initial_parameters(config.seed))
    before = named("first")
    assert set(origin.loaded) == {name for name in before if not name.startswith("dense1")}
    for name in origin.loaded:
        np.testing.assert_array_equal(found[name], before[name])
    assert set(origin.misfits) == {"dense1/weight", "dense1/bias"}
    assert set(origin.new) == {"dense2/weight", "dense2/bias"}
    for name in (*origin.misfits, *origin.new):
        np.testing.assert_array_equal(found[name], random[name])
    assert (origin.left, origin.frozen) == ((), ())


def test_what_was_loaded_is_shown_and_recorded(second, cnntrain):
    second()
    done = cnntrain("fit", "second.yaml", "--set", "start_from.freeze=[conv*]", "--run", "second")
    table = done.err.split("second: ")[0].splitlines()
    assert table[0].startswith("start from ") and table[0].endswith("checkpoints/best.safetensors")
    assert [line.split() for line in table[1:]] == [
        ["arrays", "of", "layers"],
        ["loaded", "6", "conv1,", "batch_norm1"],
        ["new", "here", "2", "dense2"],
        ["other", "shape", "2", "dense1"],
        ["frozen", "2", "conv1"],
    ]
    digest = Checkpoint.read(Run("first").best).record.sha256
    record = json.loads(Path("second/run.json").read_text())["start_from"]
    assert (record["sha256"], record["frozen"]) == (digest, ["conv1"])
    (event,) = events(Path("second"), "start")
    assert event["start_from"] == digest
    assert Checkpoint.read(Run("second").last).record.origin == digest


def test_a_layer_that_is_frozen_stays_as_it_is_and_others_do_not(second):
    config = second(start_from__freeze=["conv*", "batch_norm?"], optimizer={"type": "adamw"})
    fit(config, run="second")
    before, after = named("first"), named("second")
    for name in ("conv1/weight", "conv1/bias"):
        np.testing.assert_array_equal(after[name], before[name])
    for name in ("weight", "bias", "running_mean", "running_var"):
        np.testing.assert_array_equal(after[f"batch_norm1/{name}"], before[f"batch_norm1/{name}"])
    assert not np.array_equal(after["dense1/weight"], named("first")["dense1/weight"])
    fit(second(start_from__freeze=["conv1"]), run="third")
    assert not np.array_equal(named("third")["batch_norm1/running_mean"],
                              before["batch_norm1/running_mean"])  # fmt: skip


def test_a_path_alone_and_a_file_say_the_same(second):
    fit(second(epochs=1), run="run")
    for number, start in enumerate(("first", "first/checkpoints/best.safetensors")):
        fit(second(epochs=1, start_from=start), run=str(number))
        assert Run(str(number)).rows == Run("run").rows
    text = Path("second.yaml").read_text().replace("{checkpoint: first}", "../first")
    Path("folder").mkdir()
    Path("folder/second.yaml").write_text(text)
    config = load_config("folder/second.yaml")
    assert config.origin.checkpoint == str(Path("first").absolute())
    assert load_config(config.model_dump()) == config
    both = load_config("folder/second.yaml", {"start_from.freeze": ["conv1"]})
    assert both.origin == config.origin.model_copy(update={"freeze": ("conv1",)})
    given = {"start_from": "first", "start_from.freeze": ["conv1"]}
    assert load_config("folder/second.yaml", given).origin == both.origin


def test_weights_of_another_precision_are_converted(second):
    config = second(compute__dtype="float64")
    _, network, _ = set_up(config)
    w, _, _ = starting_point(network, config)
    assert w.dtype == np.float64
    loaded = network.named_parameters(w)["conv1/weight"]
    np.testing.assert_array_equal(loaded, named("first")["conv1/weight"].astype(np.float64))


def test_averages_are_loaded_where_they_are_the_better_ones(first, second):
    fit(load_config(first, {"average": {"decay": 0.8}, "learning_rate": 0.5}), run="averaged")
    assert load_model("averaged").weights == "average"
    config = second(start_from="averaged")
    _, network, _ = set_up(config)
    w, _, origin = starting_point(network, config)
    assert origin.source.weights == "average"
    expected = named("averaged", weights="average")["conv1/weight"]
    np.testing.assert_array_equal(network.named_parameters(w)["conv1/weight"], expected)


def test_a_run_that_goes_on_never_reads_it_again(second, stop_after):
    frozen = {"start_from__freeze": ["conv1"], "average": {"decay": 0.8, "every": 3}}
    fit(second(**frozen), run="straight")
    fit(second(**frozen), run="stopped", progress=stop_after(Path("stopped"), 31))
    shutil.rmtree("first")
    assert fit(second(**frozen), run="stopped", resume=True).status == "finished"
    assert digests(Path("stopped")) == digests(Path("straight"))


def test_the_same_checkpoint_elsewhere_is_the_same_run_and_another_one_is_not(second):
    fit(second(), run="second")
    shutil.copytree("first", "moved")
    more = {"run": "second", "resume": True}
    assert fit(second(epochs=3, start_from__checkpoint="moved"), **more).epochs == 3
    other = {"start_from__checkpoint": "second", "epochs": 4}
    for force in (False, True):
        with pytest.raises(UsageError, match="is not the checkpoint that the run began with"):
            fit(second(**other), **more, allow_changes=force)
    with pytest.raises(UsageError, match=r"start_from.freeze \[\] -> \[conv1\] \(force them"):
        fit(second(start_from={"checkpoint": "moved", "freeze": ["conv1"]}, epochs=3), **more)
    assert Run("second").summary.epochs == 3


def test_sweeps_begin_with_it(second):
    config = second(start_from__freeze=["conv1"])
    dataset, network, _ = set_up(config)
    w, buffers, _ = starting_point(network, config)
    start = network.measure(w, dataset.samples(dataset.train), buffers)[0].risk
    result = lr_sweep(config, rates=[0.001, 0.01], epochs=1, seeds=1, run="sweep", jobs=1)
    assert result.start_loss == {0: pytest.approx(start)}
    trials = [path.parent for path in Path("sweep").rglob("run.json")]
    assert len(trials) == 2
    for trial in trials:
        assert json.loads((trial / "run.json").read_text())["start_from"]["frozen"] == ["conv1"]
    points = make_curve(config, 1e-9, 1e-8, 10)
    again = make_curve(second(start_from="none"), 1e-9, 1e-8, 10)
    assert points[0].loss != again[0].loss


@pytest.mark.parametrize(
    ("start", "error", "said"),
    [
        ("nowhere", NotFoundError, r"start_from: no run or checkpoint at .*nowhere"),
        ("small.yaml", CheckpointError, r"start_from: .*small.yaml: not a cnntrain checkpoint"),
        (".", NotFoundError, "start_from: no run"),
    ],
)
def test_what_is_no_checkpoint_is_refused_before_anything_is_written(second, start, error, said):
    with pytest.raises(error, match=said):
        fit(second(start_from=start), run="second")
    assert not Path("second/config.yaml").exists()
    fit(second(epochs=1), run="second")
    before = digests(Path("second"))
    with pytest.raises(error, match=said):
        fit(second(start_from=start), run="second", overwrite=True)
    assert digests(Path("second")) == before


def test_a_checkpoint_of_another_network_is_no_start(second):
    text = Path("second.yaml").read_text().replace("filters: 4", "filters: 3")
    Path("second.yaml").write_text(text)
    with pytest.raises(CheckpointError, match=r"fits this network: it holds .*conv1/weight 4x1x3x3"
                       r".*, the network has .*conv1/weight 3x1x3x3"):  # fmt: skip
        fit(second(), run="second")


def test_what_is_probably_a_mistake_is_said(second):
    summary = fit(second(start_from__freeze=["dense2"], data__split_seed=1), run="second")
    frozen, split = summary.warnings
    assert frozen.startswith("start_from.freeze: nothing was loaded for dense2: frozen as drawn")
    assert split.startswith("start_from: the checkpoint was trained on the same data split other")
    assert fit(second(), run="third").warnings == []
