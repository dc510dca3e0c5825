"""What somebody chooses to look at: classes of the simplex, and a picture."""

import numpy as np
import pytest

import cnntrain
from cnntrain.errors import UsageError
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.report import of_run
from cnntrain.reports.sections.simplex import simplex


@pytest.mark.parametrize(
    ("wanted", "names"),
    [(["3", "8"], ("3", "8")), (["8", " 3", "0"], ("0", "3", "8"))],
)
def test_the_simplex_shows_the_classes_that_are_chosen(digits_run, wanted, names):
    evidence = Evidence.of(digits_run, classes=wanted)
    section = simplex(evidence)
    (figure,) = section.figures
    assert figure.names == names
    labels = evidence.evaluated.labels
    assert len(figure.p) == np.isin(labels, [int(name) for name in names]).sum()
    assert "these were chosen: " + ", ".join(names) in section.content[0].text


@pytest.fixture
def named(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 80)
    names = np.array(["cat", "dog", "3", "<i>horse"])
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(80, 2)), y=y, class_names=names)
    config = {
        "name": "named",
        "data": {"source": "npz", "path": str(tmp_path / "d.npz"), "validation": 0.5},
        "layers": [{"type": "dense", "units": 4}, {"type": "softmax"}],
        "loss": "cross_entropy",
        "batch_size": 10,
        "epochs": 1,
        "learning_rate": 0.1,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    return tmp_path / "run"


def test_classes_are_named_or_numbered_and_a_name_comes_first(named):
    focus = Evidence.of(named, classes=["3", "0"]).focus
    assert focus.classes == (0, 2)  # the class called 3 has the number 2


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["cat", "dgo"], "classes=: no class dgo (did you mean dog?)"),
        (["cat", "4"], "classes=: no class 4 (expected names, or numbers from 0 to 3)"),
        (["cat", ""], "classes=: no class '' (expected names, or numbers from 0 to 3)"),
        (["cat"], "classes= takes two or three classes, found 1"),
        (["cat", "0"], "classes= takes two or three classes, found 1"),
        (["0", "1", "3", "<i>horse"], "classes= takes two or three classes, found 4"),
    ],
)
def test_classes_that_are_not_there(named, wanted, message):
    with pytest.raises(UsageError) as error:
        Evidence.of(named, classes=wanted)
    assert str(error.value) == message


def test_vectors_are_no_pictures(named):
    with pytest.raises(UsageError, match="sample= shows a picture, the inputs .* are vectors"):
        Evidence.of(named, sample=0)


def test_the_picture_that_is_chosen_is_shown(digits_run):
    part = Evidence.of(digits_run).evaluated.part
    index = int(part.indices[7])
    html = of_run(digits_run, sample=index).html
    assert f"What becomes of sample {index} of the validation part" in html


def test_a_picture_of_another_part_is_refused(digits_run):
    part = Evidence.of(digits_run).evaluated.part
    other = min(set(range(100)) - set(part.indices.tolist()))
    for index in (other, 10**9):
        with pytest.raises(UsageError, match=f"sample= {index} is not in the validation part, "):
            of_run(digits_run, sample=index)


def test_a_regression_has_no_classes(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "r.npz", x=rng.normal(size=(40, 3)), y=rng.normal(size=40))
    config = {
        "name": "real",
        "data": {"source": "npz", "path": str(tmp_path / "r.npz"), "validation": 0.5},
        "layers": [{"type": "dense", "units": 1}],
        "loss": "quadratic",
        "batch_size": 10,
        "epochs": 1,
        "learning_rate": 0.01,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    with pytest.raises(UsageError, match="classes= is for classifiers"):
        Evidence.of(tmp_path / "run", classes=["0", "1"])
