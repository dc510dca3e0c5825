"""The report of every kind of run: a small page that is whole and says what happened, or an error
of one line."""

import os
import signal
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

import cnntrain
from cnntrain.errors import DataError, DivergedError

HOSTILE = ["<script>alert(1)</script>", "' onload='x", "</style><img src=x>", "a & b"]
VOID = {"meta", "br", "img", "input", "link", "hr"}
DENSE = {
    "name": "kind",
    "layers": ["flatten", {"type": "dense", "units": 2}, "softmax"],
    "loss": "cross_entropy",
    "batch_size": 8,
    "epochs": 2,
    "learning_rate": 0.1,
}


@pytest.fixture
def fit(tmp_path, monkeypatch):
    """Train on arrays, of which `y` are classes or targets; the run."""
    monkeypatch.chdir(tmp_path)

    def trained(x, y, units, names=None, **changes):
        extra = {} if names is None else {"class_names": np.array(names)}
        np.savez("data.npz", x=x, y=y, **extra)
        data = {"source": "npz", "path": "data.npz", "validation": 0.5}
        layers = ["flatten", {"type": "dense", "units": units}]
        layers += ["softmax"] if y.dtype.kind == "i" else []
        cnntrain.fit({**DENSE, "data": data, "layers": layers, **changes}, run="run")

    return trained


class Page(HTMLParser):
    """The elements of a page, each of which ends where it must, and its text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    @property
    def sections(self):
        return {attributes["id"] for tag, attributes in self.elements if tag == "section"}


def page(path="run"):
    """The page of the run, which is small and whole."""
    (written,) = cnntrain.report(path)
    content = written.read_bytes()
    assert len(content) < 2e6
    return Page(content.decode())


def pictures(count, classes):
    """Random pictures of 6 x 6 pixels, and their classes."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, 6, 6, 1), dtype=np.uint8), np.arange(count) % classes


def test_a_thousand_classes(fit):
    x, y = pictures(4000, 1000)
    fit(x, y, 1000, [f"kind number {k}" for k in range(1000)], batch_size=100)
    shown = page()
    assert "The 100 classes with the lowest F1, of 1,000." in shown.text
    assert "Confused most often" in shown.text
    assert {"mistakes", "classes", "simplex"} <= shown.sections


@pytest.mark.filterwarnings("ignore:every training sample")
def test_samples_of_one_class_alone(fit):
    x, y = pictures(40, 1)
    with pytest.raises(
        DataError, match="every training sample is of class cat: a classifier needs"
    ):
        fit(x, y, 1, ["cat"])
    fit(x, y, 2, ["cat", "dog"])
    shown = page()
    assert "Warning: every training sample is of class cat" in shown.text
    assert {"curves", "classes", "simplex", "calibration"} <= shown.sections


def test_a_regression(fit):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    fit(x, x[:, :1], 1, loss="quadratic", learning_rate=0.01)
    shown = page()
    assert "finished" in shown.text
    assert {"summary", "curves"} <= shown.sections
    assert "classes" not in shown.sections


@pytest.mark.filterwarnings("ignore")
def test_a_run_that_diverged(fit):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    with pytest.raises(DivergedError):
        fit(x, x[:, :1], 1, loss="quadratic", learning_rate=1e20, epochs=9)
    assert "diverged" in page().text


def test_how_the_network_was_measured(fit):
    """The error of the summary may be that of other weights than the row of the best epoch."""
    x, y = pictures(80, 2)
    fit(x, y, 2, average={"decay": 0.5}, evaluate={"flip": True})
    text = page().text
    assert "the average of w over the steps" in text or "w itself, not its average" in text
    assert "averaged over each image and its mirror image" in text


def test_a_run_that_records_its_layers(fit):
    x, y = pictures(80, 2)
    fit(x, y, 2, record_layers=True)
    assert "layers-over-time" in page().sections


def test_names_of_classes_are_text(fit):
    x, y = pictures(80, 4)
    fit(x, y, 4, HOSTILE)
    shown = page()
    assert all(name in shown.text for name in HOSTILE)
    assert not any(key.startswith("on") for _, found in shown.elements for key in found)
    assert [tag for tag, _ in shown.elements].count("script") == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_that_was_killed_in_its_first_epoch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = pictures(80, 2)
    np.savez("data.npz", x=x, y=y)
    config = DENSE | {"data": {"source": "npz", "path": "data.npz", "validation": 0.5}}
    code = (
        "import time, cnntrain\n"
        "from cnntrain.training.progress import Progress\n"
        "class Wait(Progress):\n"
        "    def step(self, step): print('.', flush=True); time.sleep(99)\n"
        f"cnntrain.fit({config}, run='run', progress=Wait())\n"
    )
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert started.stdout.read(1)
    os.kill(started.pid, signal.SIGKILL)
    started.communicate()
    shown = page()
    assert "0 epochs" in shown.text
    assert "dead: its process is gone" in shown.text
    assert shown.sections == {"summary"}
    assert "nav" not in {tag for tag, _ in shown.elements}
