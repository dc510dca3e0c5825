"""`cnntrain predict`: answers for raw arrays in files."""

import csv
import io
import json
import re

import numpy as np
import pytest

import cnntrain as package
from cnntrain.data import load_dataset


@pytest.fixture
def raw(trained):
    part = load_dataset(package.load_checkpoint(trained).config.data).test
    images = part.x[:5]
    np.save("five.npy", images)
    return images


def test_json_lines_hold_the_soft_max_outputs(trained, raw, cnntrain):
    result = cnntrain("predict", trained, "five.npy", "--json")
    assert result.code == 0, result.err
    answers = [json.loads(line) for line in result.out.splitlines()]
    p = package.load_model(trained).predict_proba(raw)
    for index, answer in enumerate(answers):
        assert (answer["input"], answer["index"]) == ("five.npy", index)
        np.testing.assert_allclose(answer["p"], p[index], rtol=1e-6)
        assert answer["label"] == p[index].argmax()
        assert answer["name"] == str(answer["label"])


def test_npy_and_npz_and_images_without_a_channel_axis_agree(trained, raw, cnntrain):
    np.savez("five.npz", x=raw, y=np.zeros(3))
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


def test_text_is_aligned(digits, cnntrain):
    x, y = np.random.default_rng(0).normal(size=(60, 4, 4)), np.arange(60) % 2
    np.savez("two.npz", x=x, y=y, class_names=np.array(["cat", "elephant"]))
    np.savez("real.npz", x=x, y=np.stack([1000 * x[:, 0, 0], x[:, 0, 1]], axis=1))
    dense = "{type: flatten}, {type: dense, units: 2, init: he_normal}"
    for name, layers, loss in [
        ("two", f"[{dense}, {{type: softmax}}]", "cross_entropy"),
        ("real", f"[{dense}]", "quadratic"),
    ]:
        fit = cnntrain(
            "fit", digits, "--quiet", "--run", name, "--set", f"loss={loss}", "--set",
            f"data={{source: npz, path: {name}.npz}}", "--set", f"layers={layers}", "--set",
            "learning_rate=0.001",
        )  # fmt: skip
        assert fit.code == 0, fit.err
    for options in ([], ["--top", 2], ["--top", 2, "--threshold", 0.6]):
        lines = cnntrain("predict", "two", "two.npz", *options).out.splitlines()
        assert lines[9].startswith("two.npz[9]   ") and lines[10].startswith("two.npz[10]  ")
        assert {line.index(re.search(r"[01]\.\d{4}", line)[0]) for line in lines} == {23}
    lines = cnntrain("predict", "real", "two.npz").out.splitlines()
    assert len({len(line) for line in lines}) == 1


def test_axes_are_those_of_the_data_set(digits, cnntrain):
    """Channels first, and numbers of a kind that the data set had converted."""
    x = np.random.default_rng(0).integers(0, 999, (60, 2, 4, 5), dtype=np.uint16)
    np.savez("first.npz", x=x, y=np.arange(60) % 10)
    fit = cnntrain(
        "fit", digits, "--quiet", "--set", "epochs=1", "--set",
        "data={source: npz, path: first.npz, axes: NCHW}",
    )  # fmt: skip
    assert fit.code == 0, fit.err
    result = cnntrain("predict", "runs/small", "first.npz", "--json")
    assert result.code == 0, result.err
    found = np.array([json.loads(line)["p"] for line in result.out.splitlines()])
    model = package.load_checkpoint("runs/small")
    data = load_dataset(model.config.data)
    _, p = model.network.measure(model.w, data.samples(data.train))
    np.testing.assert_array_equal(found.astype(np.float32), p)
    np.save("last.npy", np.moveaxis(x, 1, -1))
    result = cnntrain("predict", "runs/small", "last.npy")
    assert "last.npy: inputs have shape (60, 4, 5, 2), expected (N, 2, 4, 5)" in result.err


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 9, 9, 1)), "bad.npy: inputs have shape (2, 9, 9, 1), expected (N, 8, 8, 1)"),
        (np.stack([np.zeros((8, 8)), np.full((8, 8), np.nan)]), "bad.npy: input 1 holds NaN"),
        (np.zeros((1, 8, 8, 1), dtype=complex), "bad.npy: values of type complex128"),
    ],
)
def test_inputs_that_do_not_fit_exit_3(trained, cnntrain, array, message):
    np.save("bad.npy", array)
    result = cnntrain("predict", trained, "bad.npy")
    assert result.code == 3
    assert message in result.err
    assert len(result.err.splitlines()) == 1


def test_inputs_that_overflow_exit_3(digits, cnntrain):
    x = np.random.default_rng(0).normal(scale=1e-3, size=(100, 8, 8))
    np.savez("tiny.npz", x=x, y=np.arange(100) % 10)
    given = ("--set", "data={source: npz, path: tiny.npz}", "--set", "epochs=1")
    assert cnntrain("fit", digits, "--quiet", *given).code == 0
    x[1] = 1e38
    np.save("huge.npy", x)
    done = cnntrain("predict", "runs/small", "huge.npy", "--json")
    assert done.code == 3
    assert "huge.npy: input 1 leads to outputs that are not finite" in done.err


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
