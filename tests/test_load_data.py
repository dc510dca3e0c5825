"""`load_data`: the data of a config, in Python."""

import numpy as np
import pytest

import cnntrain as package
from cnntrain.errors import ConfigError, DataError


def test_parts_are_those_that_a_run_trains_on_and_evaluates(trained):
    model = package.load_model(trained)
    data = package.load_data(model.config)
    assert data.split_hash == model.split_hash
    assert (len(data.train.x), len(data.validation.x), len(data.test.x)) == (1294, 144, 359)
    assert data.input_shape == (8, 8, 1) and data.class_names == tuple("0123456789")
    wrong = np.mean(model.predict(data.test.x) != data.test.y)
    assert wrong == package.evaluate(trained).zero_one_error


def test_a_path_is_loaded_first_and_a_part_that_is_not_there_is_none(digits):
    digits.write_text(digits.read_text().replace(", validation: 0.1", ""))
    data = package.load_data(digits)
    assert data.validation is None and len(data.train.y) == 1438
    assert data.train.x.dtype == np.uint8


def test_what_is_wrong_is_said_as_when_a_run_begins(digits):
    np.savez("data.npz", x=np.zeros((20, 8, 8)), y=np.arange(20))
    text = digits.read_text()
    digits.write_text(text.replace("digits, validation: 0.1", "npz, path: data.npz"))
    with pytest.raises(DataError, match="label 10 is 10, the network's 10 outputs allow 0 to 9"):
        package.load_data(digits)
    digits.write_text(text.replace("digits", "nowhere"))
    with pytest.raises(ConfigError, match="invalid data.source"):
        package.load_data(str(digits))
