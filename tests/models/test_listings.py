"""The samples of an evaluation as CSV."""

import csv
import io

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.models.evaluation import Evaluation
from cnntrain.models.listings import mistakes_csv, probabilities_csv
from cnntrain.models.report import EvaluationReport

P = np.array([[0.75, 0.25], [0.75, 0.25], [0.125, 0.875], [0.0, 1.0], [0.5, 0.5]], np.float32)
LABELS = np.array([1, 1, 0, 1, 0])


def evaluated(names=("cat", "=dog"), files=None):
    """Three mistakes: at 10 and 20, of which it is equally sure, and at 30, of which it is more."""
    report = EvaluationReport("x.safetensors", "test", len(P), 1.0)
    y = np.zeros(60, dtype=np.int64)
    y[10:60:10] = LABELS
    part = Part(Examples(np.zeros((60, 1)), y, files), np.arange(10, 60, 10))
    return Evaluation(report, part, P, names)


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_mistakes_begin_with_the_surest_and_ties_with_the_lower_index():
    assert rows(mistakes_csv(evaluated())) == [
        ["index", "class", "answer", "p_class", "p_answer"],
        ["30", "cat", "'=dog", "0.125", "0.875"],
        ["10", "'=dog", "cat", "0.25", "0.75"],
        ["20", "'=dog", "cat", "0.25", "0.75"],
    ]


def test_many_of_a_few_probabilities_stay_in_order():
    part = Part.whole(Examples(np.zeros((1000, 1)), np.ones(1000, dtype=np.int64)))
    sure = np.array([0.75, 0.625, 0.875], np.float32)[np.arange(1000) % 3]
    p = np.stack([sure, 1 - sure], axis=1)
    listed = rows(mistakes_csv(Evaluation(evaluated().report, part, p, ("a", "b"))))
    expected = sorted(range(1000), key=lambda i: (-sure[i], i))
    assert [int(row[0]) for row in listed[1:]] == expected


def test_files_are_named_where_samples_have_them():
    files = tuple(f"{n}.png" for n in range(30)) + ("=cmd\n.png",) + ("x",) * 29
    listed = rows(mistakes_csv(evaluated(files=files)))
    assert listed[0][:2] == ["index", "file"]
    assert [row[:2] for row in listed[1:]] == [
        ["30", "'=cmd\\n.png"],
        ["10", "10.png"],
        ["20", "20.png"],
    ]
    assert rows(probabilities_csv(evaluated(files=files)))[:2] == [
        ["index", "file", "label", "prediction", "p_cat", "p_=dog"],
        ["10", "10.png", "1", "0", "0.75", "0.25"],
    ]


def test_a_perfect_network_has_an_empty_list():
    part = Part.whole(Examples(np.zeros((5, 1)), P.argmax(axis=1)))
    perfect = Evaluation(evaluated().report, part, P, ("a", "b"))
    assert rows(mistakes_csv(perfect)) == [["index", "class", "answer", "p_class", "p_answer"]]


@pytest.mark.parametrize("listing", [mistakes_csv, probabilities_csv])
def test_real_targets_have_none(listing):
    with pytest.raises(package.UsageError, match="are those of classes, but the targets are real"):
        listing(evaluated(names=None))
