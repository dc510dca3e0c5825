"""`cnntrain inspect`, as a user sees it."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

VECTORS = """\
name: vectors
data: {source: npz, path: data.npz, test: 0.2}
layers: [{type: dense, units: 3}, softmax]
loss: cross_entropy
batch_size: 16
epochs: 2
learning_rate: 0.05
"""


@pytest.fixture
def vectors(tmp_path, monkeypatch):
    """A config of 300 vectors of 30 entries, of which entry 4 is constant."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 30))
    x[:, 4] = 7
    np.savez("data.npz", x=x, y=random.integers(0, 3, 300))
    (tmp_path / "vectors.yaml").write_text(VECTORS)
    return tmp_path / "vectors.yaml"


def test_the_digits_are_clean(digits, cnntrain):
    result = cnntrain("inspect", digits, "--strict")
    assert (result.code, result.err) == (0, "")
    head, findings, classes, facts, inputs, training = result.out.rstrip().split("\n\n")
    assert head == "small: 1,797 samples of 8x8x1 (uint8), 10 classes"
    assert findings == "nothing stands out"
    assert classes.splitlines()[1].split() == ["0", "128", "14", "36"]
    assert classes.splitlines()[-1].split() == ["total", "1,294", "144", "359"]
    assert "best constant answer       '1', error 89.88 % (train)" in facts
    assert "numbers that never change  3 of 64 (4.69 %)" in facts
    assert [line.split()[0] for line in inputs.splitlines()] == [
        "inputs",
        "train",
        "validation",
        "test",
    ]
    assert training.startswith("training    410 parameters; 21 steps of ")


def test_findings_come_first_and_strict_takes_them_for_errors(vectors, cnntrain):
    result = cnntrain("inspect", vectors)
    assert (result.code, result.err) == (0, "")
    _, findings, *_ = result.out.split("\n\n")
    assert findings.splitlines() == [
        "1 thing to look at",
        "  - entry 4 (always 7) never changes in the training part (leave it out)",
    ]
    strict = cnntrain("inspect", vectors, "--strict")
    assert strict.code == 3
    assert strict.err == "cnntrain: error: 1 thing to look at\n"
    assert _shared(strict.out) == _shared(result.out)


def _shared(screen):
    """What is on the screen, without times."""
    return screen.partition("training    ")[0]


def test_what_fit_warns_of_is_a_finding(digits, cnntrain):
    result = cnntrain("inspect", digits, "--set", "record_steps=1000")
    assert "1 thing to look at" in result.out
    assert "record_steps is 1000, with 42 steps: it never happens" in " ".join(result.out.split())


def test_a_training_that_diverges_is_a_finding(digits, cnntrain):
    result = cnntrain("inspect", digits, "--set", "learning_rate=1e30", "--json")
    report = json.loads(result.out)
    assert report["training"] is None
    assert "is far too large" in report["findings"][0]["message"]


def test_json(digits, cnntrain):
    result = cnntrain("inspect", digits, "--json")
    report = json.loads(result.out)
    assert result.out.count("\n") == 1
    assert report["name"] == "small"
    assert report["findings"] == []
    assert report["samples"] == {"train": 1294, "validation": 144, "test": 359}
    assert report["classes"][3] == {
        "name": "3",
        "counts": {"train": 131, "validation": 15, "test": 37},
    }
    training = report["training"]
    assert (training["steps_per_epoch"], training["epochs"]) == (21, 2)
    assert training["seconds"] == pytest.approx(2 * training["epoch_seconds"])


def test_weighted_classes_need_no_advice(digits, cnntrain):
    x = np.random.default_rng(0).random((300, 8, 8)).astype(np.float32)
    np.savez("data.npz", x=x, y=np.repeat([0, 1], [285, 15]))
    changes = ["data={source: npz, path: data.npz}", "layers.dense1.units=2"]
    arguments = [digits, *(word for change in changes for word in ("--set", change))]
    assert "has 19 times the training samples" in cnntrain("inspect", *arguments).out
    weights = "loss={type: cross_entropy, class_weights: balanced}"
    assert "nothing stands out" in cnntrain("inspect", *arguments, "--set", weights).out


def test_of_many_classes_the_largest_and_the_smallest(digits, cnntrain):
    y = np.repeat(np.arange(60), np.arange(10, 70))
    x = np.random.default_rng(0).integers(0, 256, (len(y), 8, 8), dtype=np.uint8)
    np.savez("data.npz", x=x, y=y)
    changes = ("--set", "data={source: npz, path: data.npz}", "--set", "layers.dense1.units=60")
    table = cnntrain("inspect", digits, *changes).out.split("\n\n")[2].splitlines()
    assert len(table) == 23
    assert [line.split()[0] for line in table[1:11]] == [str(k) for k in range(59, 49, -1)]
    assert table[11] == "... 40 more"
    assert [line.split()[0] for line in table[12:22]] == [str(k) for k in range(9, -1, -1)]
    assert table[22].split() == ["total", f"{len(y):,}"]


def test_real_targets(digits, cnntrain):
    random = np.random.default_rng(0)
    y = random.normal(size=(100, 2))
    np.savez("data.npz", x=random.random((100, 6)), y=y)
    digits.write_text(
        "name: regression\ndata: {source: npz, path: data.npz, validation: 0.2}\n"
        "layers: [{type: dense, units: 2}]\nloss: quadratic\nbatch_size: 16\nepochs: 2\n"
        "learning_rate: 0.01\n"
    )
    out = cnntrain("inspect", digits).out
    assert "100 samples of 6 (float64), real targets" in out
    assert "best constant answer       the mean, quadratic loss " in out
    targets = out.split("\n\n")[-2].splitlines()
    assert targets[0].split() == ["targets", "entry", "minimum", "maximum", "mean", "deviation"]
    assert [line.split()[:2] for line in targets[1:]] == [
        ["train", "0"],
        ["train", "1"],
        ["validation", "0"],
        ["validation", "1"],
    ]


def test_copies_and_lookalikes_are_named(digits, cnntrain):
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (90, 12, 12), dtype=np.uint8)
    x[7], x[30] = x[3], x[5]
    x[31] = np.clip(x[4], 1, 255) - 1
    np.savez("data.npz", x=x, y=np.arange(90) % 3, class_names=["ant", "bee", "\x1bcat"])
    changes = ("--set", "data={source: npz, path: data.npz}", "--set", "layers.dense1.units=3")
    out = cnntrain("inspect", digits, *changes).out
    text = " ".join(out.split())
    assert "- 2 inputs occur with different labels (first: training sample 3 and" in text
    assert "- 2 training samples equal to an earlier one of that part (each counts" in text
    assert "equal samples: 2 groups, 0 across parts\n" in out
    assert "  train 5 '\\x1bcat' = train 30 'ant'\n" in out
    assert "look-alikes  of train\ntrain               1\n" in out
    assert "train 31 'bee'  train 4 'bee'" in out
    assert "\x1b" not in out


def test_the_config_is_checked_as_fit_checks_it(digits, cnntrain):
    result = cnntrain("inspect", digits, "--set", "layers.conv1.kernel=9")
    assert result.code == 2
    assert "conv1" in result.err
    early = "early_stopping={monitor: validation_loss, patience: 2}"
    changes = ("--set", "data.validation=none", "--set", early)
    fitted, inspected = (cnntrain(command, digits, *changes) for command in ("fit", "inspect"))
    assert inspected.code == fitted.code == 2
    assert inspected.err == fitted.err


def test_no_run_is_begun(digits, cnntrain):
    before = sorted(digits.parent.iterdir())
    assert cnntrain("inspect", digits).code == 0
    assert sorted(digits.parent.iterdir()) == before


def test_the_sheet_is_a_new_file(digits, cnntrain):
    result = cnntrain("inspect", digits, "--sheet", "sheet.png")
    assert (result.code, result.err) == (0, "the contact sheet is sheet.png\n")
    first = (digits.parent / "sheet.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    again = cnntrain("inspect", digits, "--sheet", "sheet.png")
    assert again.code == 2
    assert "sheet.png exists already, nothing was written (--force replaces it)" in again.err
    assert cnntrain("inspect", digits, "--sheet", "sheet.png", "--force").code == 0
    assert (digits.parent / "sheet.png").read_bytes() == first
    other = cnntrain("inspect", digits, "--sheet", "other.png", "--part", "test", "--each", 3)
    assert other.code == 0
    assert (digits.parent / "other.png").read_bytes() != first


def test_the_sheet_of_augmentation(digits, cnntrain):
    refused = cnntrain("inspect", digits, "--sheet", "a.png", "--augmented")
    assert refused.code == 2
    assert refused.err == "cnntrain: error: --augmented: the config has no augment\n"
    flip = ("--set", "augment=[{type: flip}]")
    result = cnntrain("inspect", digits, *flip, "--sheet", "a.png", "--augmented")
    assert result.code == 0, result.err
    assert (digits.parent / "a.png").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--augmented"], "--augmented is about a contact sheet (give --sheet FILE.png)"),
        (["--part", "test"], "--part is about a contact sheet"),
        (["--sheet", "a.png", "--augmented", "--part", "test"], "--augmented cannot be combined"),
        (["--sheet", "a.png", "--each", "1"], "--each"),
        (["--sheet", "no/such/folder/a.png"], "no/such/folder"),
    ],
)
def test_options_that_make_no_sense(digits, cnntrain, options, message):
    result = cnntrain("inspect", digits, *options)
    assert result.code in {2, 5}
    assert message in result.err
    assert result.err.count("\n") == 1


def test_a_sheet_of_vectors_is_refused(vectors, cnntrain):
    result = cnntrain("inspect", vectors, "--sheet", "a.png")
    assert result.code == 2
    assert "--sheet shows images and signals, found vectors of 30 entries" in result.err
    assert not (vectors.parent / "a.png").exists()


def test_a_sheet_needs_pillow(digits, tmp_path):
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("raise ImportError\n")
    command = [sys.executable, "-m", "cnntrain", "inspect", str(digits), "--sheet", "a.png"]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 2
    assert "(pip install 'cnntrain[images]')" in done.stderr
    assert done.stderr.count("\n") == 1


def test_more_classes_than_rows_are_said(digits, cnntrain):
    np.savez("data.npz", x=np.random.default_rng(0).random((240, 8, 8)), y=np.arange(240) % 120)
    changes = ("--set", "data={source: npz, path: data.npz}", "--set", "layers.dense1.units=120")
    result = cnntrain("inspect", digits, *changes, "--sheet", "a.png", "--each", 2)
    assert "the contact sheet shows the first 100 of 120 classes\n" in result.err
