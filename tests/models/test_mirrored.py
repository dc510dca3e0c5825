"""Outputs averaged over mirror images, against the formula written out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import cnntrain as package
from cnntrain.config import load_config
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part, PartSamples
from cnntrain.data.standardize import Standardizer
from cnntrain.errors import ConfigError, UsageError
from cnntrain.models import mirrored
from cnntrain.models.evaluation import evaluation
from cnntrain.nn.engines.choice import engine
from cnntrain.nn.layers import Conv, Dense, Flatten, Softmax
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network

RANDOM = np.random.default_rng(0)
N = 23
INPUTS = {
    "bytes": RANDOM.integers(0, 256, (N, 5, 6, 2), dtype=np.uint8),
    "floats": RANDOM.normal(size=(N, 5, 6, 2)),
    "signals": RANDOM.normal(size=(N, 1, 9, 2)),
}
LABELS, TARGETS = np.arange(N) % 4, RANDOM.normal(size=(N, 4))
LOSSES = {
    "cross-entropy": (CrossEntropy(), LABELS),
    "smoothed": (CrossEntropy(label_smoothing=0.2), LABELS),
    "quadratic": (Quadratic(), TARGETS),
    "quadratic of classes": (Quadratic(), LABELS),
}


def loss_of(loss, p, y):
    """The mean loss of outputs p (N, e)."""
    q = np.eye(p.shape[1])[y] if y.ndim == 1 else y
    if isinstance(loss, CrossEntropy):
        q = (1 - loss.label_smoothing) * q + loss.label_smoothing / p.shape[1]
        return -(q * np.log(p)).sum(axis=1).mean()
    return np.square(p - q).sum(axis=1).mean()


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("case", LOSSES)
@pytest.mark.parametrize("chosen", ["numpy", "auto"])
@pytest.mark.parametrize("kind", ["per_channel", "per_pixel"])
def test_the_loss_is_that_of_the_mean(name, case, chosen, kind, monkeypatch):
    x, (loss, y) = INPUTS[name], LOSSES[case]
    layers = [Conv(filters=3, kernel=(1, 3)), Flatten(), Dense(units=4)]
    layers += [Softmax()] if y.ndim == 1 else []
    network = Network(layers, loss, x.shape[1:], 4, np.dtype("f8"), engine(chosen))
    w = network.initial_parameters(0)
    standardizer = Standardizer.fit(kind, x, np.arange(N))
    outputs = [
        network.predict(w, np.ascontiguousarray(standardizer.standardize(images, np.float64)))
        for images in (x, x[:, :, ::-1])
    ]
    p = (outputs[0] + outputs[1]) / 2
    samples = PartSamples(Part.whole(Examples(x, y)), standardizer)
    monkeypatch.setattr(mirrored, "BLOCK", 9)
    totals, found = mirrored.measure(network, w, samples, None, flip=True)
    np.testing.assert_allclose(found, p, rtol=1e-12)
    assert totals.samples == N
    assert totals.risk == pytest.approx(loss_of(loss, p, y), rel=1e-10)
    if y.ndim == 1:
        assert totals.errors == np.count_nonzero(p.argmax(axis=1) != y)
    plain, as_it_is = mirrored.measure(network, w, samples, None, flip=False)
    np.testing.assert_allclose(as_it_is, outputs[0], rtol=1e-12)
    assert plain.risk == pytest.approx(loss_of(loss, outputs[0], y), rel=1e-10)


@pytest.mark.parametrize("chosen", ["numpy", "auto"])
def test_a_probability_of_zero_has_a_large_loss_and_no_infinite_one(chosen):
    layers = [Flatten(), Dense(units=2), Softmax()]
    network = Network(layers, CrossEntropy(), (2, 2, 1), 2, np.dtype("f4"), engine(chosen))
    w = network.initial_parameters(0)
    w[:] = [1] * 4 + [-1] * 4 + [0, 0]
    x = np.full((1, 2, 2, 1), 200.0)
    samples = PartSamples(
        Part.whole(Examples(x, np.ones(1, int))), Standardizer(np.zeros(()), np.ones(()))
    )
    totals, _ = mirrored.measure(network, w, samples, None, flip=True)
    assert totals.risk == pytest.approx(-np.log(np.finfo(np.float32).tiny), rel=1e-4)


@pytest.fixture
def run(digits):
    """A run that is measured with mirror images in training, too."""
    package.fit(load_config(digits, {"evaluate": {"flip": True, "in_training": True}}), run="run")
    return Path("run")


def test_metrics_evaluate_and_predict_are_of_the_same_outputs(run):
    best = package.Run(run).summary.early_stopping_point
    report = package.evaluate(run, split="validation")
    assert report.flip and report.loss == best.validation_loss
    model = package.load_model(run)
    evaluated = evaluation(model)
    raw = package.load_data(model.config).test.x
    np.testing.assert_array_equal(model.predict_proba(raw), evaluated.outputs)
    plain = package.load_model(run, flip=False)
    p = (plain.predict_proba(raw) + plain.predict_proba(raw[:, :, ::-1])) / 2
    np.testing.assert_array_equal(p, evaluated.outputs)
    assert not np.array_equal(plain.predict_proba(raw), evaluated.outputs)


def test_training_is_measured_as_it_is_unless_asked(digits, run):
    package.fit(load_config(digits, {"evaluate.flip": True}), run="late")
    package.fit(digits, run="never")
    late, never = package.Run("late"), package.Run("never")
    assert Path("late/metrics.csv").read_bytes() == Path("never/metrics.csv").read_bytes()
    assert (run / "metrics.csv").read_bytes() != Path("never/metrics.csv").read_bytes()
    np.testing.assert_array_equal(package.load_model("late").w, package.load_model(run).w)
    assert package.evaluate(late.path).loss == package.evaluate(never.path, flip=True).loss


def test_the_command_line_has_the_last_word(run, cnntrain):
    said = "outputs         averaged over each image and its mirror image\n"
    texts = {option: cnntrain("evaluate", run, *option) for option in ((), ("--no-flip",))}
    assert said in texts[()].out and said not in texts[("--no-flip",)].out
    for option, flip in (("--flip", True), ("--no-flip", False)):
        report = json.loads(cnntrain("evaluate", run, option, "--json").out)
        assert report["flip"] is flip
        assert report["loss"] == package.evaluate(run, flip=flip).loss
    x = np.eye(8, dtype=np.uint8)[None] * 16
    np.save("x.npy", x)
    for option, flip in ((), True), (("--no-flip",), False):
        (p,) = package.load_model(run, flip=flip).predict_proba(x)
        assert json.loads(cnntrain("predict", run, "x.npy", *option, "--json").out)["p"] == [*p]


def test_a_run_goes_on_unless_its_columns_would_change(digits, run, cnntrain):
    def resumed(settings, run="plain"):
        changes = {"epochs": 3, "evaluate": settings}
        return package.fit(load_config(digits, changes), run=run, resume=True)

    package.fit(digits, run="plain")
    assert resumed({"flip": True}).epochs == 3
    with pytest.raises(UsageError, match=r"evaluate\.in_training"):
        resumed({"flip": True, "in_training": True})
    with pytest.raises(UsageError, match=r"evaluate\.flip"):
        resumed({"flip": False, "in_training": True}, run="run")


def test_vectors_have_no_mirror_image(digits, cnntrain):
    np.savez("vectors.npz", x=RANDOM.normal(size=(30, 16)), y=np.arange(30) % 3)
    text = re.sub(r"layers:.*?loss", "layers: [{type: dense, units: 3}, softmax]\nloss",
                  digits.read_text(), flags=re.DOTALL)  # fmt: skip
    digits.write_text(text.replace("source: digits", "source: npz, path: vectors.npz, test: 0.2"))
    with pytest.raises(ConfigError, match=r"evaluate\.flip needs images or signals, found vectors"):
        package.fit(load_config(digits, {"evaluate.flip": True}))
    assert cnntrain("fit", digits, "--quiet").code == 0
    done = cnntrain("evaluate", "runs/small", "--flip")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("takes vectors, which have no mirror image (leave out --flip)\n")
    with pytest.raises(UsageError, match=r"leave out flip=True"):
        package.load_model("runs/small", flip=True)


def test_in_training_without_flip_is_doubtful(digits):
    (warning,) = load_config(digits, {"evaluate": {"in_training": True}}).warnings
    assert warning.endswith("evaluate.in_training has no effect without flip: true")
