"""Test errors beside each other, and the test of McNemar."""

import csv
import io
import json
import math
import shutil
from fractions import Fraction

import numpy as np
import pytest

from cnntrain.comparison.mcnemar import mcnemar, two_sided
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.errors import DataError
from cnntrain.models.evaluation import Evaluation


def answers(right, labels=None):
    """An evaluation in which sample k is answered rightly where `right[k]`."""
    labels = np.zeros(len(right), dtype=np.int64) if labels is None else labels
    outputs = np.zeros((len(right), 2))
    outputs[np.arange(len(right)), np.where(right, labels, 1 - labels)] = 1
    part = Part.whole(Examples(np.zeros((len(labels), 1)), labels))
    return Evaluation({}, part, outputs, ("0", "1"))


def test_mcnemar_by_hand():
    """Both right 1, only the first 3, only the second 1, both wrong 1: P = 2 (1 + 4) / 16."""
    one, other = answers([1, 1, 1, 1, 0, 0]), answers([1, 0, 0, 0, 1, 0])
    found = mcnemar(one, other)
    assert (found.first, found.second) == (3, 1)
    assert found.p == pytest.approx(10 / 16)
    assert mcnemar(one, one).p == 1.0


@pytest.mark.parametrize(("first", "second", "p"), [(0, 5, 2 / 32), (5, 0, 2 / 32), (3, 3, 1.0)])
def test_the_exact_p_value(first, second, p):
    assert two_sided(first, second) == pytest.approx(p)


def by_fractions(first, second):
    """The p-value by the definition of the binomial distribution."""
    n = first + second
    tail = sum(math.comb(n, k) for k in range(min(first, second) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2**n)))


def test_the_p_value_is_exact():
    for first in range(40):
        for second in range(40):
            assert two_sided(first, second) == by_fractions(first, second)
    for split in ((18, 53), (100, 1000), (0, 1074), (0, 1075), (599, 601), (0, 1200)):
        assert two_sided(*split) == by_fractions(*split)
    for split in ((600, 601), (700, 900), (200, 1500), (0, 1201)):  # scaled coefficients
        assert two_sided(*split) == pytest.approx(by_fractions(*split), rel=1e-15, abs=0)


def test_millions_of_disagreements():
    """A sum of exact coefficients would take hours; the normal distribution comes close."""
    first, gap = 10_000_000, 5001
    z = (gap - 1) / math.sqrt(2 * (2 * first + gap))
    assert two_sided(first, first + gap) == pytest.approx(math.erfc(z), rel=1e-6)


def test_other_samples_cannot_be_paired():
    with pytest.raises(DataError, match="cannot be paired"):
        mcnemar(answers([1, 1]), answers([1, 1], labels=np.array([0, 1])))


def test_two_real_runs_on_the_test_part(digits, trained, cnntrain):
    assert cnntrain("fit", digits, "--quiet", "--run", "poor", "--set", "epochs=1").code == 0
    done = cnntrain("compare", trained, "poor", "--test", "--json")
    assert done.code == 0, done.err
    first, second, test = map(json.loads, done.out.splitlines())
    report = json.loads(cnntrain("evaluate", trained, "--json").out)
    assert first["test_error"]["mean"] == report["zero_one_error"]
    assert first["test_loss"]["mean"] == report["loss"]
    bounds = [first[f"test_error_{end}"]["mean"] for end in ("low", "high")]
    assert bounds == report["error_interval"]
    assert second["settings"] == {"epochs": 1}
    assert test["mcnemar"]["first"] - test["mcnemar"]["second"] == round(
        359 * (second["test_error"]["mean"] - first["test_error"]["mean"])
    )
    assert "McNemar: " in cnntrain("compare", trained, "poor", "--test").out
    shutil.rmtree("poor/checkpoints")
    done = cnntrain("compare", trained, trained, "poor", "--test", "--csv")
    assert done.code == 0
    assert "no run with a checkpoint in poor: not tested" in done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["test_error_low"] for row in rows] == [repr(bounds[0]), ""]
    other = ("--set", "data.split_seed=1", "--run", "split")
    assert cnntrain("fit", digits, "--quiet", *other).code == 0
    done = cnntrain("compare", trained, "split", "--test")
    assert done.code == 3
    assert "cannot be paired" in done.err
