"""A sample that was trained on is never scored as validation or test."""

import json
import shutil

import numpy as np
import pytest

import cnntrain as package
from cnntrain import DataError, UsageError, evaluate, fit, load_model

COINS = """\
name: coins
data: {source: npz, path: d.npz, validation: 0.1}
layers: [{type: flatten}, {type: dense, units: 4}, {type: softmax}]
loss: cross_entropy
batch_size: 20
epochs: 2
learning_rate: 0.1
"""


@pytest.fixture
def coins(tmp_path, monkeypatch):
    """A run on samples whose labels are tosses of a coin."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    np.savez("d.npz", x=random.random((200, 8, 8)), y=random.integers(0, 4, 200))
    (tmp_path / "coins.yaml").write_text(COINS)
    fit("coins.yaml", run="run")
    return tmp_path / "run"


RESPLITS = [
    ("test", {"test": 0.3}, 58),
    ("test", {"test": 0.6, "split_seed": 4}, None),
    ("validation", {"split_seed": 1}, None),
    ("validation", {"validation": 0.5}, None),
]


@pytest.mark.parametrize(("split", "data", "count"), RESPLITS)
def test_other_parts_of_the_same_data_are_refused(coins, cnntrain, split, data, count):
    number = count or r"\d+"
    with pytest.raises(DataError, match=f"^{number} of these .* {split} samples are among those"):
        evaluate(coins, split, data)
    options = [f"--set=data.{key}={value}" for key, value in data.items()]
    done = cnntrain("evaluate", coins, "--split", split, *options)
    assert (done.code, done.err.count("\n")) == (3, 1)


@pytest.mark.parametrize("lost", ["the data", "the run", "split.npz", "nothing"])
def test_a_file_that_grew_is_split_anew_and_refused(coins, lost):
    with np.load("d.npz") as kept:
        arrays = dict(kept)
    path = coins
    if lost == "the run":
        path = shutil.copy(coins / "checkpoints/best.safetensors", "alone.safetensors")
    elif lost == "split.npz":
        (coins / "split.npz").unlink()
    if lost == "the data":
        (coins.parent / "d.npz").unlink()
    name = "d.npz" if lost == "nothing" else "grown.npz"
    np.savez(name, **{key: np.concatenate([v, v[:50] + 1 - 1]) for key, v in arrays.items()})
    with pytest.raises(DataError, match="samples are among those that"):
        evaluate(path, "validation", {"path": name})


def test_what_cannot_be_known_is_said(coins):
    alone = shutil.copy(coins / "checkpoints/best.safetensors", "alone.safetensors")
    shutil.copy("d.npz", "other.npz")
    (coins.parent / "d.npz").unlink()
    result = evaluate(alone, "validation", {"path": "other.npz", "split_seed": 1})
    assert any("not told apart" in warning for warning in result.warnings)


def test_the_same_data_in_another_place_are_the_runs_own(coins):
    before = evaluate(coins, "validation")
    shutil.move("d.npz", "moved.npz")
    assert evaluate(coins, "validation", {"path": "moved.npz"}) == before


def test_the_training_part_may_be_asked_for(coins):
    assert evaluate(coins, "train", {"split_seed": 3}).count == 180


def test_other_samples_are_scored(coins):
    random = np.random.default_rng(9)
    x, y = random.random((30, 8, 8)), random.integers(0, 4, 30)
    np.savez("new.npz", x_train=x[:4], y_train=np.arange(4), x_test=x[4:], y_test=y[4:])
    assert evaluate(coins, "test", {"path": "new.npz", "validation": "none"}).count == 26


def test_a_run_without_a_test_part_is_told_a_way_that_leads_somewhere(coins, cnntrain):
    done = cnntrain("evaluate", coins)
    assert done.code == 3
    assert "have no test part (found validation; " in done.err
    assert "or evaluate on other data" in done.err


def test_a_key_without_effect_is_refused(coins):
    with pytest.raises(UsageError, match="data.standardize has no effect on an evaluation"):
        evaluate(coins, "validation", {"standardize": "none"})


# Warnings -----------------------------------------------------------------------------------------


@pytest.fixture
def leaky(tmp_path, monkeypatch):
    """A run whose test samples occur in its training part."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    x, y = random.integers(0, 256, (40, 6, 6)).astype(np.uint8), random.integers(0, 4, 40)
    np.savez("d.npz", x_train=x, y_train=y, x_test=x[:10], y_test=y[:10])
    (tmp_path / "coins.yaml").write_text(COINS.replace("validation: 0.1", "validation: 4"))
    return tmp_path / "coins.yaml"


def test_quiet_hides_no_warning_and_the_summary_keeps_it(leaky, cnntrain):
    done = cnntrain("fit", leaky, "--quiet", "--run", "run")
    assert done.code == 0
    assert "warning: " in done.err
    assert "test samples occur in the training part too" in done.err
    assert done.err.count("\n") == done.err.count("warning: ")
    kept = json.loads((leaky.parent / "run/summary.json").read_text())["warnings"]
    assert [f"warning: {text}" for text in kept] == done.err.splitlines()


def test_an_evaluation_repeats_the_warnings_of_the_run(leaky, cnntrain):
    assert cnntrain("fit", leaky, "--quiet", "--run", "run").code == 0
    done = cnntrain("evaluate", "run", "--json")
    assert done.code == 0
    assert "test samples occur in the training part too" in done.err
    assert json.loads(done.out)["warnings"] == [
        line.removeprefix("warning: ") for line in done.err.splitlines()
    ]
    strict = cnntrain("evaluate", "run", "--strict")
    assert (strict.code, strict.out) == (3, "")


def test_inputs_on_another_scale_are_a_warning_at_prediction(trained, cnntrain):
    model = load_model(trained)
    assert model.inputs == package.load_data(trained.parent.parent / "small.yaml").train.input_range
    raw = package.load_data(trained.parent.parent / "small.yaml").validation.x
    np.save("fractions.npy", raw / 16 / 16)
    with pytest.warns(package.InputWarning, match="on another scale"):
        model.predict(raw / 16 / 16)
    done = cnntrain("predict", trained, "fractions.npy")
    assert done.code == 0
    assert done.err.startswith("warning: fractions.npy: the inputs lie between 0 and ")
    assert cnntrain("predict", trained, "fractions.npy", "--strict").code == 3
    np.save("same.npy", raw)
    assert cnntrain("predict", trained, "same.npy", "--strict").err == ""


def test_probabilities_replace_nothing_unasked(trained, cnntrain):
    from pathlib import Path

    Path("p.csv").write_text("mine")
    done = cnntrain("evaluate", trained, "--probabilities", "p.csv")
    assert (done.code, Path("p.csv").read_text()) == (2, "mine")
    assert cnntrain("evaluate", trained, "--probabilities", "p.csv", "--force").code == 0
    assert Path("p.csv").read_text().startswith("index,label,prediction,p_0,")
    inside = trained / "metrics.csv"
    before = inside.read_bytes()
    assert cnntrain("evaluate", trained, "--probabilities", inside, "--force").code == 2
    assert inside.read_bytes() == before


def test_many_classes_are_shown_by_the_worst(tmp_path, monkeypatch, cnntrain):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    np.savez("d.npz", x=random.random((600, 4)), y=np.arange(600) % 150)
    text = COINS.replace("{type: flatten}, ", "").replace("units: 4", "units: 150")
    (tmp_path / "many.yaml").write_text(text)
    assert cnntrain("fit", "many.yaml", "--run", "run", "--quiet").code == 0
    done = cnntrain("evaluate", "run", "--split", "validation")
    assert "classes with the lowest f1, of 150" in done.out
    assert "confused most often" in done.out
    assert done.out.count("\n") < 60
    report = json.loads(cnntrain("evaluate", "run", "--split", "validation", "--json").out)
    assert report["confusion"] is None
    assert len(report["per_class"]) == 150
    assert 0 < len(report["confused"]) <= 100
