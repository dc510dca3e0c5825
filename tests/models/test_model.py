"""A trained network: labels, probabilities, real outputs; and the typed report of its errors."""

import copy
import json
import pickle
from dataclasses import asdict, fields

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data import load_dataset
from cnntrain.models.report import EvaluationReport

REGRESSION = {
    "data": {"source": "npz", "path": "real.npz"},
    "layers": [{"type": "flatten"}, {"type": "dense", "units": 2}],
    "loss": "quadratic",
    "learning_rate": 0.001,
}


@pytest.fixture
def regression(digits):
    """The run directory of a small regression."""
    x = np.random.default_rng(0).normal(size=(60, 4, 4))
    np.savez("real.npz", x=x, y=np.stack([x[:, 0, 0], x[:, 0, 1]], axis=1))
    package.fit(package.load_config(digits, REGRESSION), run="runs/real")
    return "runs/real"


def test_labels_are_the_likeliest_classes(trained):
    model = package.load_model(trained)
    part = load_dataset(model.config.data).test
    raw = part.x
    p, labels = model.predict_proba(raw), model.predict(raw)
    assert p.shape == (len(raw), 10)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    assert (labels.dtype, labels.shape) == (np.int64, (len(raw),))
    np.testing.assert_array_equal(labels, p.argmax(axis=1))
    assert np.mean(labels == part.y) == package.evaluate(trained).accuracy


def test_of_equally_likely_classes_the_lowest_is_the_answer(trained):
    model = package.load_model(trained)
    model.w[...] = 0
    assert model.predict(np.ones((2, 8, 8))).tolist() == [0, 0]


def test_a_regression_predicts_its_outputs_and_no_probabilities(regression):
    model = package.load_model(regression)
    raw = np.random.default_rng(1).normal(size=(5, 4, 4))
    outputs = model.predict(raw)
    assert (outputs.shape, outputs.dtype) == ((5, 2), np.float32)
    with pytest.raises(package.UsageError, match="predicts real numbers"):
        model.predict_proba(raw)


def test_no_address_is_shown(trained):
    model = package.load_model(trained)
    shown = [repr(model), repr(model.network), repr(model.config)]
    assert not any(" object at 0x" in text for text in shown)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_model_can_be_copied(trained, copied):
    model, raw = package.load_model(trained), np.zeros((2, 8, 8))
    assert (copied(model).predict_proba(raw) == model.predict_proba(raw)).all()


def test_a_model_can_be_pickled(trained):
    model, raw = package.load_model(trained), np.ones((2, 8, 8))
    read_back = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(read_back.predict_proba(raw), model.predict_proba(raw))
    assert read_back.config == model.config


def test_load_checkpoint_is_another_name_of_load_model(trained):
    assert package.load_checkpoint is package.load_model
    last = package.load_model(package.Run(trained).last)
    assert (last.epoch, last.path.name) == (2, "last.safetensors")


def test_the_report_of_an_evaluation_is_what_the_command_prints(trained, cnntrain):
    result = package.evaluate(trained, split="validation")
    printed = json.loads(cnntrain("evaluate", trained, "--split", "validation", "--json").out)
    assert json.loads(json.dumps(asdict(result))) == printed
    assert list(printed) == [field.name for field in fields(EvaluationReport)]
    assert result.per_class[3].name == "3"
    assert result.per_class[3].count == sum(result.confusion[3])
    with pytest.raises(AttributeError):
        result.loss = 0.0


def test_the_report_of_a_regression_has_a_loss_alone(regression):
    result = package.evaluate(regression, split="train")
    assert result.loss > 0
    assert result.count == 60
    given = {"checkpoint", "split", "count", "loss", "flip", "warnings"}
    assert {value for key, value in asdict(result).items() if key not in given} == {None}


@pytest.mark.parametrize("weights", ["balanced", {"3": 0.0, "8": 20.0}, [0.5] * 9 + [7.0]])
def test_an_evaluation_weighs_the_classes_as_the_training_did(digits, weights):
    loss = {"type": "cross_entropy", "class_weights": weights}
    package.fit(package.load_config(digits, {"loss": loss}), run="runs/weighted")
    run = package.Run("runs/weighted")
    found, best = package.evaluate(run.path, "validation"), run.summary.early_stopping_point
    assert found.loss == pytest.approx(best.validation_loss, rel=1e-6)
    assert found.zero_one_error == best.validation_error
    model = package.load_model(run.path)
    part = load_dataset(model.config.data).validation
    own = np.array(model.network.loss.class_weights)[part.y]
    values = -own * np.log(model.predict_proba(part.x)[np.arange(len(part)), part.y])
    assert found.loss == pytest.approx(values.sum() / own.sum(), rel=1e-4)


def test_mirror_images_are_weighed_likewise(digits):
    loss = {"type": "cross_entropy", "class_weights": {"3": 0.0, "8": 20.0}}
    settings = {"loss": loss, "evaluate": {"flip": True, "in_training": True}}
    package.fit(package.load_config(digits, settings), run="runs/weighted")
    found = package.evaluate("runs/weighted", "validation")
    best = package.Run("runs/weighted").summary.early_stopping_point
    assert found.loss == pytest.approx(best.validation_loss, rel=1e-6)
    model = package.load_model("runs/weighted")
    part = load_dataset(model.config.data).validation
    own = np.array(model.network.loss.class_weights)[part.y]
    values = -own * np.log(model.predict_proba(part.x)[np.arange(len(part)), part.y])
    assert found.loss == pytest.approx(values.sum() / own.sum(), rel=1e-4)
