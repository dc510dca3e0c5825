"""Inputs on another scale than those that were trained on, and inputs that only look odd."""

import numpy as np
import pytest

from cnntrain import load_data
from cnntrain.data.input_range import InputRange

BYTES = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1)).astype(np.uint8)
FLOATS = BYTES.astype(np.float64) / 255

CONFIG = {
    "layers": ["flatten", {"type": "dense", "units": 10}, "softmax"],
    "loss": "cross_entropy",
    "epochs": 1,
    "batch_size": 8,
    "learning_rate": 0.1,
}
OTHER_SCALES = [
    (BYTES, BYTES / 255),
    (BYTES, BYTES[:1] / 255),
    (BYTES, BYTES / 127.5 - 1),
    (BYTES, BYTES.astype(np.uint16) * 257),
    (FLOATS, BYTES),
    (FLOATS, BYTES[:1]),
    (FLOATS * 255, FLOATS),
    (FLOATS, -5 * FLOATS),
]
SAME = [
    (BYTES, BYTES[:1]),
    (BYTES, BYTES[:1] // 32),  # one dark picture
    (BYTES, np.zeros((1, 8, 8, 1), np.uint8)),
    (BYTES, np.full((20, 8, 8, 1), 255, np.uint8)),
    (BYTES, BYTES.astype(np.float32)),
    (BYTES, 255 - BYTES),
    (FLOATS, FLOATS * 2 - 1),  # which a range does not tell
    (np.zeros((5, 3)), np.zeros((5, 3))),
]


@pytest.mark.parametrize(("trained", "new"), OTHER_SCALES)
def test_inputs_on_another_scale(trained, new):
    problem = InputRange.of(trained).problem(InputRange.of(new), len(new), "the inputs")
    assert problem.startswith("the inputs lie between ")
    assert problem.endswith("are they on another scale?")


@pytest.mark.parametrize(("trained", "new"), SAME)
def test_inputs_that_may_well_be_on_the_same_scale(trained, new):
    found = InputRange.of(new)
    assert InputRange.of(trained).problem(found, len(new), "the inputs") is None


def test_parts_on_different_scales_are_a_warning(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    x, y = random.integers(0, 256, (40, 4, 4, 1)).astype(np.uint8), np.arange(40) % 2
    arrays = {"x_train": x, "y_train": y, "x_validation": x[::-1] / 255, "y_validation": y}
    np.savez("scales.npz", **arrays, x_test=x[:, ::-1], y_test=y)
    data = load_data({**CONFIG, "data": {"source": "npz", "path": "scales.npz"}})
    (warning,) = [text for text in data.warnings if "scale" in text]
    assert warning == (
        "the validation inputs lie between 0 and 1 (float64), the inputs trained on between 0 and "
        "255 (uint8): are they on another scale?"
    )


def test_the_range_of_a_part_takes_no_copy_of_it():
    data = load_data({**CONFIG, "data": {"source": "digits", "validation": 0.1}})
    assert data.train.input_range == InputRange.of(data.train.examples.x[data.train.indices])
    assert "x" not in vars(load_data({**CONFIG, "data": {"source": "digits"}}).train)
    fresh = load_data({**CONFIG, "data": {"source": "digits", "validation": 0.1}}).train
    assert fresh.input_range.maximum == 16
    assert "x" not in vars(fresh)
