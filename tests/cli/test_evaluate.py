"""`cnntrain evaluate`: against the definitions, on the whole split."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data import load_dataset
from cnntrain.text import loss_text

LINEAR = ["flatten", {"type": "dense", "units": 2}, "softmax"]


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
        "was trained on the classes cat, dog, the data have ant, cat (the same are needed, in that "
        "order: as class_names of arrays, or as folders of pictures)" in done.err
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


def test_the_majority_baseline_is_that_of_the_training_part(digits, cnntrain):
    """Which is not the class that is most frequent in the part itself."""
    x = np.random.default_rng(0).random((80, 8, 8))
    y = np.array([1] * 30 + [0] * 10)
    np.savez("rare.npz", x_train=x[:40], y_train=y, x_test=x[40:], y_test=1 - y)
    data = {"source": "npz", "path": "rare.npz"}
    package.fit(package.load_config(digits, {"data": data, "layers": LINEAR}), run="rare")
    report = package.evaluate("rare")
    assert (report.majority_class, report.majority_error) == ("1", 0.75)
    text = cnntrain("evaluate", "rare").out
    assert "majority error  75.00 %  (1 as the answer for every sample)\n" in text
    assert f"ROC area        {report.roc_area:.4f}\n" in text


def test_calibration_and_thresholds_are_shown_on_demand(trained, digits, cnntrain):
    report = package.evaluate(trained)
    plain = cnntrain("evaluate", trained).out
    assert not re.search("^(calibration|answers|ROC|arg max)", plain, flags=re.MULTILINE)
    text = cnntrain("evaluate", trained, "--calibration", "--thresholds").out
    assert text.startswith(plain)
    assert f"{100 * report.calibration_error:.2f} % apart (ECE)" in text
    shown = [line for line in text.splitlines() if re.match(r"\d\.\d\d to \d\.\d\d ", line)]
    assert len(shown) == sum(b.count > 0 for b in report.reliability)
    assert sum(b.count for b in report.reliability) == report.count
    for row in report.thresholds:
        if row.coverage < 1:
            cells = (f"{row.threshold:g}", f"{100 * row.coverage:.2f} %")
            assert re.search(rf"^ *{cells[0]} +{cells[1]} ", text, flags=re.MULTILINE)
    assert "likeliest or not" not in text  # of two classes only


def test_thresholds_are_those_of_predict(trained, cnntrain):
    part = load_dataset(package.load_model(trained).config.data).test
    np.save("test.npy", part.x)
    for row in package.evaluate(trained).thresholds:
        asked = cnntrain("predict", trained, "test.npy", "--json", "--threshold", row.threshold)
        answers = [json.loads(line)["label"] for line in asked.out.splitlines()]
        given = [(a, y) for a, y in zip(answers, part.y, strict=True) if a is not None]
        assert len(given) == round(row.coverage * len(part))
        right = sum(a == y for a, y in given)
        assert row.recall == right / len(part)


def test_one_class_alone_in_the_part(digits, cnntrain):
    """No ROC, nothing to be found: and no figure that is not a number."""
    x = np.random.default_rng(0).random((60, 8, 8))
    y = np.arange(40) % 2
    names = np.array(["cat", "dog"])
    np.savez(
        "two.npz", x_train=x[:40], y_train=y, x_test=x[40:], y_test=np.zeros(20, int),
        class_names=names,
    )  # fmt: skip
    data = {"source": "npz", "path": "two.npz"}
    package.fit(package.load_config(digits, {"data": data, "layers": LINEAR}), run="two")
    done = cnntrain("evaluate", "two", "--thresholds", "--calibration")
    assert done.code == 0, done.err
    assert "ROC" not in done.out
    assert "answers: dog, likeliest or not, where its p is the threshold or more\n" in done.out
    report = json.loads(cnntrain("evaluate", "two", "--json").out)
    assert report["roc_area"] is None
    assert {row["recall"] for row in report["detection"]} == {None}


@pytest.mark.parametrize("option", ["--thresholds", "--calibration", "--mistakes=m.csv"])
def test_what_is_asked_of_classes_is_refused_for_real_targets(digits, cnntrain, option):
    x = np.random.default_rng(0).normal(size=(60, 4, 4))
    np.savez("real.npz", x_train=x, y_train=x[:, 0, :2], x_test=x, y_test=x[:, 0, :2])
    settings = {"data": {"source": "npz", "path": "real.npz"}, "layers": LINEAR[:2]}
    settings |= {"loss": "quadratic", "learning_rate": 0.001}
    package.fit(package.load_config(digits, settings), run="real")
    done = cnntrain("evaluate", "real", option)
    assert (done.code, done.out) == (2, "")
    assert "classif" in done.err or "classes" in done.err
    assert not Path("m.csv").exists()
