"""A network that was trained on picture files answers about them as it is evaluated on them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnntrain as package

CONFIG = """\
data: {source: images, directory: pets, size: [12, 16], fit: pad, color: gray, cache: none}
layers: [flatten, {type: dense, units: 2}, softmax]
loss: cross_entropy
batch_size: 16
epochs: 2
learning_rate: 0.01
optimizer: sgd
"""


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """The run of a network for pictures of all shapes in folders, in colour and gray."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for part, count in (("train", 20), ("validation", 6), ("test", 10)):
        for name, bright in (("cat", 90), ("dog", 140)):
            folder = Path("pets", part, name)
            folder.mkdir(parents=True)
            for number in range(count):
                sides = rng.integers(10, 50, 2)
                values = np.clip(rng.normal(bright, 60, (*sides, 3)), 0, 255).astype(np.uint8)
                picture = Image.fromarray(values).convert("L" if number % 3 else "RGB")
                picture.save(folder / f"{number:02}.{'jpg' if number % 2 else 'png'}")
    Path("pets.yaml").write_text(CONFIG)
    package.fit(package.load_config("pets.yaml"), run="runs/pets")
    return "runs/pets"


def rows(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_predict_says_what_evaluate_counts(pets, cnntrain):
    done = cnntrain("evaluate", pets, "--probabilities", "p.csv", "--mistakes", "wrong.csv")
    assert done.code == 0, done.err
    evaluated = {row["file"]: [row["p_cat"], row["p_dog"]] for row in rows("p.csv")}
    assert len(evaluated) == 20
    done = cnntrain("predict", pets, "pets/test", "--csv", "--probabilities")
    assert (done.code, done.err) == (0, "")
    Path("answers.csv").write_text(done.out)
    answers = rows("answers.csv")
    for row in answers:
        assert evaluated[row["input"].removeprefix("pets/")] == [row["p_cat"], row["p_dog"]]
    names = {row["input"].removeprefix("pets/"): row["name"] for row in answers}
    wrong = {name: answer for name, answer in names.items() if f"/{answer}/" not in name}
    assert {row["file"]: row["answer"] for row in rows("wrong.csv")} == wrong
    report = json.loads(cnntrain("evaluate", pets, "--json").out)
    assert 0 < len(wrong) == round(report["zero_one_error"] * 20)


def test_the_fit_is_that_of_the_training(pets, cnntrain):
    assert cnntrain("predict", pets, "pets/test", "--fit", "pad").code == 0
    done = cnntrain("predict", pets, "pets/test", "--fit", "crop")
    assert (done.code, done.out) == (2, "")
    assert "was trained on pictures with fit: pad, and can take no others (found crop)" in done.err


def test_arrays_are_answered_too(pets, cnntrain):
    np.save("two.npy", np.zeros((2, 12, 16), dtype=np.uint8))
    assert len(cnntrain("predict", pets, "two.npy").out.splitlines()) == 2
