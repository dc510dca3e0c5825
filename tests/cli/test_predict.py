"""`cnntrain predict`: answers for raw arrays in files."""

import csv
import io
import json

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data import load_dataset


@pytest.fixture
def raw(trained):
    part = load_dataset(package.load_checkpoint(trained).config.data).test
    images = part.x[part.indices[:5]]
    np.save("five.npy", images)
    return images


def test_json_lines_hold_the_soft_max_outputs(trained, raw, cnntrain):
    result = cnntrain("predict", trained, "five.npy", "--json")
    assert result.code == 0, result.err
    answers = [json.loads(line) for line in result.out.splitlines()]
    p = package.load_checkpoint(trained).predict(raw)
    for index, answer in enumerate(answers):
        assert (answer["input"], answer["index"]) == ("five.npy", index)
        np.testing.assert_allclose(answer["p"], p[index], rtol=1e-6)
        assert answer["label"] == p[index].argmax()
        assert answer["name"] == str(answer["label"])


def test_npy_and_npz_and_images_without_a_channel_axis_agree(trained, raw, cnntrain):
    np.savez("five.npz", x=raw, other=np.zeros(3))
    np.save("flat.npy", raw[..., 0])
    names = ("five.npy", "five.npz", "flat.npy")
    out = [cnntrain("predict", trained, name, "--csv").out for name in names]
    rows = [[row[1:] for row in csv.reader(io.StringIO(text))] for text in out]
    assert rows[0] == rows[1] == rows[2]


def test_top_gives_the_likeliest_classes_in_order(trained, raw, cnntrain):
    result = cnntrain("predict", trained, "five.npy", "--json", "--top", 3)
    answer = json.loads(result.out.splitlines()[0])
    order = np.argsort(-np.array(answer["p"]))[:3]
    assert [c["label"] for c in answer["top"]] == order.tolist()


def test_below_the_threshold_there_is_no_answer(trained, raw, cnntrain):
    result = cnntrain("predict", trained, "five.npy", "--json", "--threshold", "1.0")
    answers = [json.loads(line) for line in result.out.splitlines()]
    assert all(a["label"] is None and a["name"] is None for a in answers if max(a["p"]) < 1)


def test_csv_has_a_header_and_one_row_a_sample(trained, raw, cnntrain):
    result = cnntrain("predict", trained, "five.npy", "--csv", "--top", 2)
    table = list(csv.DictReader(io.StringIO(result.out)))
    assert list(table[0]) == [
        "input",
        "index",
        "label",
        "name",
        "p",
        "name_1",
        "p_1",
        "name_2",
        "p_2",
    ]
    assert len(table) == 5


def test_text_has_one_line_a_sample(trained, raw, cnntrain):
    lines = cnntrain("predict", trained, "five.npy").out.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("five.npy[0]  ")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 9, 9, 1)), "inputs have shape (2, 9, 9, 1), expected (N, 8, 8, 1)"),
        (np.full((1, 8, 8, 1), np.nan), "inputs hold NaN or infinite values"),
        (np.zeros((1, 8, 8, 1), dtype=complex), "bad.npy: values of type complex128"),
    ],
)
def test_inputs_that_do_not_fit_exit_3(trained, cnntrain, array, message):
    np.save("bad.npy", array)
    result = cnntrain("predict", trained, "bad.npy")
    assert result.code == 3
    assert message in result.err
    assert len(result.err.splitlines()) == 1


def test_inputs_that_overflow_exit_3(trained, cnntrain):
    array = np.zeros((3, 8, 8))
    array[1] = 1e200
    np.save("huge.npy", array)
    done = cnntrain("predict", trained, "huge.npy", "--json")
    assert done.code == 3
    assert "input 1 leads to outputs that are not finite" in done.err


def test_a_missing_input_exits_3(trained, cnntrain):
    result = cnntrain("predict", trained, "nothing.npy")
    assert result.code == 3
    assert "nothing.npy" in result.err


def test_pickled_inputs_are_never_unpickled(trained, cnntrain):
    np.save("evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    result = cnntrain("predict", trained, "evil.npy")
    assert result.code == 3


def test_json_and_csv_exclude_each_other(trained, raw, cnntrain):
    assert cnntrain("predict", trained, "five.npy", "--csv", "--json").code == 2
