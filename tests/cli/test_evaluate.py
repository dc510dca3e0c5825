"""`cnntrain evaluate`: against the definitions, on the whole split."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import cnntrain as package
from cnntrain.cli.options import loss_text
from cnntrain.data import load_dataset


def test_the_report_follows_from_the_predictions(trained, cnntrain):
    result = cnntrain("evaluate", trained, "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)
    model = package.load_checkpoint(trained)
    part = load_dataset(model.config.data).test
    p = model.predict_proba(part.x)
    labels, predicted = part.y, p.argmax(axis=1)
    assert report["count"] == len(labels)
    assert report["split"] == "test"
    assert report["zero_one_error"] == pytest.approx(np.mean(predicted != labels))
    assert report["accuracy"] == pytest.approx(np.mean(predicted == labels))
    expected = -np.log(p[np.arange(len(labels)), labels].astype(np.float64)).mean()
    assert report["loss"] == pytest.approx(expected, rel=1e-5)
    table = np.zeros((10, 10), dtype=int)
    for true, guess in zip(labels, predicted, strict=True):
        table[true, guess] += 1
    assert report["confusion"] == table.tolist()
    low, high = report["error_interval"]
    assert low < report["zero_one_error"] < high


def test_metrics_are_shown_as_far_as_there_are_classes_enough(trained, digits, cnntrain):
    report, text = package.evaluate(trained), cnntrain("evaluate", trained).out
    recalls = [row.recall for row in report.per_class]
    assert report.balanced_error == pytest.approx(1 - np.mean(recalls))
    assert report.macro_f1 == pytest.approx(np.mean([row.f1 for row in report.per_class]))
    assert f"balanced error  {100 * report.balanced_error:.2f} %\n" in text
    assert f"macro F1        {report.macro_f1:.4f}\n" in text
    assert f"top-5 error     {100 * report.top5_error:.2f} %\n" in text
    rng = np.random.default_rng(0)
    np.savez("few.npz", x=rng.random((60, 8, 8)), y=np.arange(60) % 5)
    data = {"source": "npz", "path": "few.npz", "validation": 0.1, "test": 0.2}
    layers = ["flatten", {"type": "dense", "units": 5}, "softmax"]
    package.fit(package.load_config(digits, {"data": data, "layers": layers}), run="few")
    few = cnntrain("evaluate", "few").out
    assert "macro F1" in few
    assert "top-5" not in few
    assert json.loads(cnntrain("evaluate", "few", "--json").out)["top5_error"] is None


def test_several_runs_give_one_line_each(trained, cnntrain):
    last = trained / "checkpoints" / "last.safetensors"
    result = cnntrain("evaluate", trained, last, "--json", "--split", "train")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["split"] for line in lines] == ["train", "train"]
    assert [line["checkpoint"].rsplit("/", 1)[1] for line in lines] == [
        "best.safetensors",
        "last.safetensors",
    ]


def test_the_text_shows_the_same_numbers(trained, cnntrain):
    report = json.loads(cnntrain("evaluate", trained, "--json").out)
    text = cnntrain("evaluate", trained).out
    assert f"{100 * report['zero_one_error']:.2f} %" in text
    assert f"test, {report['count']} samples" in text
    assert "confusion: rows are true classes, columns predicted ones" in text


def test_a_checkpoint_alone_is_enough(trained, cnntrain, tmp_path):
    alone = tmp_path / "elsewhere.safetensors"
    alone.write_bytes((trained / "checkpoints" / "best.safetensors").read_bytes())
    first = json.loads(cnntrain("evaluate", alone, "--json").out)
    second = json.loads(cnntrain("evaluate", trained, "--json").out)
    assert {**first, "checkpoint": ""} == {**second, "checkpoint": ""}


def test_other_data_can_be_named(trained, cnntrain, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 17, size=(50, 8, 8, 1), dtype=np.uint8)
    y = np.arange(50) % 10
    np.savez(tmp_path / "other.npz", x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])
    result = cnntrain(
        "evaluate", trained, "--json",
        "--set", f"data={{source: npz, path: {tmp_path / 'other.npz'}}}",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert json.loads(result.out)["count"] == 20


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.arange(50) / 10, "was trained on whole numbers as y, found real numbers (store y "
         "likewise)"),
        (np.eye(10)[np.arange(50) % 10], "was trained on whole numbers as y, found real numbers"),
        (np.arange(50) % 10 + 1, "training label 9 is 10, the network's 10 outputs allow 0 to 9 "
         "(labels seem to run from 1 to 10: subtract 1)"),
    ],
)  # fmt: skip
def test_labels_of_other_data_must_fit(trained, cnntrain, y, message):
    np.savez("other.npz", x=np.random.default_rng(0).normal(size=(50, 8, 8)), y=y)
    given = ("--set", "data={source: npz, path: other.npz}", "--split", "train")
    result = cnntrain("evaluate", trained, *given)
    assert result.code == 3
    assert message in result.err


def test_classes_of_other_data_have_the_same_names(digits, cnntrain):
    """Else a label would mean one class to the network and another to the data."""
    x = np.random.default_rng(0).normal(size=(60, 8, 8)).astype(np.float32)
    y = np.arange(60) % 2
    animals = np.array(["cat", "dog"])
    np.savez("animals.npz", x=x, y=animals[y])
    given = ("--set", "data={source: npz, path: animals.npz}", "--set", "layers.dense1.units=2")
    assert cnntrain("fit", digits, "--quiet", *given).code == 0
    evaluate = ("evaluate", "runs/small", "--split", "train", "--set", "data.path=other.npz")
    np.savez("other.npz", x=x, y=np.array(["ant", "cat"])[y])
    done = cnntrain(*evaluate)
    assert done.code == 3
    assert (
        "was trained on the classes cat, dog, the data have ant, cat (store the same class_names, "
        "in that order)" in done.err
    )
    for arrays in (
        {"y": np.array(["cat", "cat"])[y], "class_names": animals},  # what the message says
        {"y": y},  # without names, numbers decide
    ):
        np.savez("other.npz", x=x, **arrays)
        done = cnntrain(*evaluate)
        assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("loss", "text"),
    [(0.001, "0.0010"), (9999.9, "9999.9000"), (0.00099, "9.900e-04"), (12345678.0, "1.235e+07")],
)
def test_losses_show_their_figures_whatever_their_size(loss, text):
    assert loss_text(loss) == text


def test_an_unknown_part_is_a_usage_error(trained):
    with pytest.raises(package.UsageError, match="no part tset, expected train"):
        package.evaluate(trained, split="tset")


def test_data_that_overflow_are_a_data_error(digits, cnntrain):
    x, y = np.random.default_rng(0).normal(scale=1e-3, size=(100, 8, 8)), np.arange(100) % 10
    np.savez("huge.npz", x_train=x, y_train=y, x_test=np.full((10, 8, 8), 1e38), y_test=y[:10])
    plain = ("--set", "compute.engine=numpy")  # where it overflows first is the engine's affair
    given = ("--set", "data={source: npz, path: huge.npz}", *plain)
    assert cnntrain("fit", digits, "--run", "run", "--quiet", *given).code == 0
    done = cnntrain("evaluate", "run")
    assert done.code == 3
    assert "the loss on the test part is not finite, first in the output of layers.0" in done.err


def test_a_missing_part_is_a_data_error(digits, cnntrain):
    cnntrain("fit", digits, "--quiet", "--set", "data.validation=none", "--set", "epochs=1")
    result = cnntrain("evaluate", "runs/small", "--split", "validation")
    assert result.code == 3
    assert "validation" in result.err


@pytest.mark.parametrize("path", ["nowhere", "nowhere/best.safetensors"])
def test_a_missing_run_exits_10(digits, cnntrain, path):
    result = cnntrain("evaluate", path)
    assert (result.code, result.out) == (10, "")
    assert result.err == f"cnntrain: error: no run or checkpoint at {path}\n"


def test_a_directory_without_a_run_exits_10(digits, cnntrain, tmp_path):
    result = cnntrain("evaluate", tmp_path)
    assert result.code == 10


def test_a_damaged_checkpoint_exits_4(trained, cnntrain):
    path = trained / "checkpoints" / "best.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.unlink()
    path.write_bytes(data)
    result = cnntrain("evaluate", trained)
    assert result.code == 4
    assert "damaged: its SHA-256 does not match its contents" in result.err


def test_probabilities_are_points_on_the_simplex_with_their_labels(trained, cnntrain):
    result = cnntrain("evaluate", trained, "--probabilities", "p.csv", "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)
    with Path("p.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["index", "label", "prediction", *(f"p_{c}" for c in range(10))]
    p = np.array([[float(row[f"p_{c}"]) for c in range(10)] for row in rows])
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    assert [int(row["prediction"]) for row in rows] == p.argmax(axis=1).tolist()
    part = np.load(trained / "split.npz")["test"]
    assert [int(row["index"]) for row in rows] == part.tolist()
    wrong = sum(row["label"] != row["prediction"] for row in rows)
    assert wrong / len(rows) == pytest.approx(report["zero_one_error"])


def test_probabilities_take_one_checkpoint(trained, cnntrain):
    assert cnntrain("evaluate", trained, trained, "--probabilities", "p.csv").code == 2
