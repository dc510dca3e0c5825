"""The files of `cnntrain evaluate`: probabilities and mistakes."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import cnntrain as package


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


def test_mistakes_are_the_errors_of_the_report(trained, cnntrain):
    result = cnntrain("evaluate", trained, "--mistakes", "wrong.csv", "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)
    with Path("wrong.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert 0 < len(rows) == round(report["zero_one_error"] * report["count"])
    sure = [float(row["p_answer"]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    model = package.load_model(trained)
    data = package.load_data(model.config)
    for row in rows:
        index = int(row["index"])
        assert str(data.train.examples.y[index]) == row["class"]
        p = model.predict_proba(data.train.examples.x[index : index + 1])[0]
        assert row["answer"] == str(p.argmax())
        assert float(row["p_answer"]) == pytest.approx(float(p.max()), rel=1e-6)


@pytest.mark.parametrize("option", ["--mistakes", "--probabilities"])
def test_files_are_replaced_only_on_demand_and_never_in_a_run(trained, cnntrain, option):
    Path("mine.csv").write_text("mine")
    done = cnntrain("evaluate", trained, option, "mine.csv")
    assert (done.code, Path("mine.csv").read_text()) == (2, "mine")
    assert "--force replaces it" in done.err
    assert cnntrain("evaluate", trained, option, "mine.csv", "--force").code == 0
    assert Path("mine.csv").read_text() != "mine"
    assert cnntrain("evaluate", trained, option, trained / "metrics.csv", "--force").code == 2
    both = cnntrain("evaluate", trained, "--mistakes", "b.csv", "--probabilities", "b.csv")
    assert both.code == 2
    assert not Path("b.csv").exists()
