"""What every form is written from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data.arrays import as_inputs
from cnntrain.exports.program import Program

from .cases import MODELS, model, raw


@pytest.mark.parametrize(
    ("name", "axes"),
    [("residual", "NHWC"), ("residual", "NCHW"), ("signals", "NLC"), ("signals", "NCL")],
)
def test_raw_inputs_have_the_axes_that_predict_takes(name, axes):
    net = model(*MODELS[name])
    program = replace(Program.of(net), axes=axes)
    x = raw(net.network.input_shape)
    given = program.raw(x)
    assert given.shape[1:] == program.raw_shape
    np.testing.assert_array_equal(as_inputs(given, axes, "x"), x)


def test_it_knows_what_the_run_measured_on_its_validation_part(trained_once):
    net, row = package.load_model(trained_once), package.Run(trained_once).rows
    best = row[net.epoch - 1]
    facts = Program.of(net).facts
    assert float(facts["validation_accuracy"]) == pytest.approx(1 - best.validation_error, 1e-5)
    assert float(facts["validation_loss"]) == pytest.approx(best.validation_loss, 1e-5)
    mirrored = Program.of(replace(net, flip=True)).facts
    assert not any("validation" in name for name in mirrored)
    average = replace(
        net,
        weights="average",
        row=replace(net.row, average_validation_error=0.25, average_validation_loss=2.0),
    )
    facts = Program.of(average).facts
    assert (facts["validation_accuracy"], facts["validation_loss"]) == ("0.75", "2")


@pytest.mark.parametrize(("offset", "parts"), [(0.5, 1), (300.0, 2)])
def test_the_parts_of_the_mean_are_as_good_as_double_precision(offset, parts):
    net = model(*MODELS["lenet"])
    x = raw(net.network.input_shape).astype(np.float32) / 2560 + np.float32(offset)
    mean, std = x.mean(dtype=np.float64), x.std(dtype=np.float64)
    program = replace(Program.of(net), mean=np.full((1, 1, 1), mean), std=np.full((1, 1, 1), std))
    assert len(program.mean_parts) == parts
    found = x
    for part in program.mean_parts:
        found = found - part
    right = (x.astype(np.float64) - mean) / std
    np.testing.assert_allclose(found.ravel() / np.float32(std), right.ravel(), atol=1e-6)
