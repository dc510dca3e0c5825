"""Answers for pictures in files: those for the same pixels in an array, whatever lies between."""

import shutil
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnntrain as package
from cnntrain.data import load_dataset
from cnntrain.models import predict_files as module
from cnntrain.models.predict_files import batches, form_for


@pytest.fixture
def trained(trained_once, tmp_path, monkeypatch):
    """A run in an empty directory that is also the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained_once, "runs/small")
    return Path("runs/small")


@pytest.fixture
def model(trained):
    return package.load_model(trained)


@pytest.fixture
def pixels(model):
    """Digits of the test part, (N, 8, 8, 1), which are also in the files of `names`."""
    return load_dataset(model.config.data).test.x[:150]


@pytest.fixture
def names(pixels):
    Path("digits").mkdir()
    found = [f"digits/{i:03}.png" for i in range(len(pixels))]
    for name, image in zip(found, pixels, strict=True):
        Image.fromarray(image[..., 0]).save(name)
    return found


def answered(model, names, **options):
    """The answers, none of which has failed, and their p."""
    answers = list(package.predict_files(model, names, **options))
    assert [answer.error for answer in answers] == [None] * len(answers)
    return answers, np.stack([answer.p for answer in answers])


def test_answers_are_those_for_the_same_pixels(model, pixels, names):
    answers, p = answered(model, names)
    np.testing.assert_array_equal(p, model.predict_proba(pixels))
    assert [answer.file for answer in answers] == names
    assert [answer.label for answer in answers] == model.predict(pixels).tolist()
    assert {answer.name == str(answer.label) for answer in answers} == {True}


@pytest.mark.parametrize("size", [1, 7, 16, 100])
def test_answers_do_not_depend_on_the_batch(model, pixels, names, monkeypatch, size):
    monkeypatch.setattr(module, "BATCH", size)
    _, p = answered(model, names)
    exact = model.network.engine.name == "compiled"  # of NumPy, BLAS rounds as the batch is large
    np.testing.assert_allclose(p, model.predict_proba(pixels), rtol=0 if exact else 1e-4)


def test_a_run_its_checkpoint_and_a_model_answer_alike(trained, model, names):
    for given in (trained, str(trained), model.path, model):
        _, p = answered(given, names[:3])
        np.testing.assert_array_equal(p, answered(model, names[:3])[1])


def test_a_path_alone_and_folders_stand_for_their_pictures(model, names):
    assert [a.file for a in package.predict_files(model, names[0])] == names[:1]
    assert [a.file for a in package.predict_files(model, Path(names[0]))] == names[:1]
    assert [a.file for a in package.predict_files(model, "digits")] == names
    assert [a.file for a in package.predict_files(model, [names[5], Path("digits")])] == [
        names[5],
        *names,
    ]


def test_bytes_are_what_is_in_a_file(model, names):
    content = Path(names[0]).read_bytes()
    one, bad, other = package.predict_files(model, [content, b"no picture", names[0]])
    assert (one.file, one.label) == ("", other.label)
    np.testing.assert_array_equal(one.p, other.p)
    assert bad.error.startswith("it is no JPEG, PNG")
    (alone,) = package.predict_files(model, content)
    assert alone.label == one.label


def test_what_cannot_be_read_gives_an_error_among_the_answers(model, pixels, names):
    Path(names[1]).write_bytes(Path(names[1]).read_bytes()[:60])
    Path(names[2]).write_text("no picture")
    answers = list(package.predict_files(model, [*names[:4], "nothing.png", "digits\0.png"]))
    found = [answer.error for answer in answers]
    assert found == [
        None, "it is truncated",
        "it is no JPEG, PNG, BMP, GIF, TIFF or WebP, or is damaged at its start", None,
        "No such file or directory", "No such file or directory",
    ]  # fmt: skip
    assert all((a.error is None) == (a.p is not None) == (a.label is not None) for a in answers)
    p = np.stack([answers[0].p, answers[3].p])
    np.testing.assert_array_equal(p, model.predict_proba(pixels[[0, 3]]))


def test_nothing_readable_and_nothing_at_all(model):
    assert [a.error for a in package.predict_files(model, ["a.png"])] == [
        "No such file or directory"
    ]
    assert list(package.predict_files(model, [])) == []


def test_mirror_images_are_averaged_as_for_arrays(trained, pixels, names):
    model = package.load_model(trained, flip=True)
    np.testing.assert_array_equal(answered(model, names)[1], model.predict_proba(pixels))
    plain = package.load_model(trained)
    assert (answered(model, names)[1] != answered(plain, names)[1]).any()


def test_no_more_than_two_batches_are_read_ahead(model, names, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 8)
    asked = []

    def listed():
        for name in names:
            asked.append(name)
            yield name

    answers = package.predict_files(model, listed())
    next(answers)
    assert len(asked) == 16
    assert len(list(answers)) == len(names) - 1
    assert threading.active_count() < 10


def test_a_pause_is_filled_with_the_answers_so_far(model, names):
    form = form_for(model)
    sizes = [
        len(batch)
        for batch in batches(model, form, [names[0], None, None, *names[:3], None], print)
    ]
    assert sizes == [1, 3]


def test_large_pictures_make_small_batches(model, names, monkeypatch):
    monkeypatch.setattr(module, "MEMORY", 8 * 8 * 5)
    sizes = [len(batch) for batch in batches(model, form_for(model), names[:12], print)]
    assert sizes == [5, 5, 2]


def colour(digits, channels=3, **data):
    """A network of two classes for images (6, 10, channels), and these, bright and dark."""
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    x = rng.integers(0, 128, (60, 6, 10, channels), dtype=np.uint8) + 120 * y[:, None, None, None]
    x = x.astype(np.uint8)
    stored = np.moveaxis(x, -1, 1) if data else x
    np.savez("colour.npz", x=stored, y=y, class_names=np.array(["dark", "bright"]))
    settings = {
        "data": {"source": "npz", "path": "colour.npz", **data},
        "layers": ["flatten", {"type": "dense", "units": 2}, "softmax"],
    }
    package.fit(package.load_config(digits, settings), run="runs/colour")
    return package.load_model("runs/colour"), x


@pytest.mark.parametrize("data", [{}, {"axes": "NCHW"}], ids=["NHWC", "NCHW"])
def test_channels_are_last_in_pictures_whatever_the_axes_of_the_data(digits, data):
    model, x = colour(digits, **data)
    Image.fromarray(x[1]).save("one.png")
    (answer,) = package.predict_files(model, "one.png")
    raw = np.moveaxis(x, -1, 1) if data else x
    np.testing.assert_array_equal(answer.p, model.predict_proba(raw[1:2])[0])
    assert answer.name == ["dark", "bright"][answer.label]


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_pictures_of_another_shape_are_fitted_as_is_asked_for(digits, fit):
    """A white picture three times as wide as the network's inputs: pad puts black beside it."""
    model, _ = colour(digits)
    Image.new("RGB", (300, 60), "white").save("wide.png")
    (answer,) = package.predict_files(model, "wide.png", fit=fit)
    white = np.full((1, 6, 10, 3), 255, dtype=np.uint8)
    if fit == "pad":
        white[:, :2] = white[:, 4:] = 0
    np.testing.assert_array_equal(answer.p, model.predict_proba(white)[0])


@pytest.mark.parametrize("channels", [2, 4])
def test_networks_of_other_channels_take_no_pictures(digits, channels):
    model, _ = colour(digits, channels)
    with pytest.raises(package.UsageError, match=rf"of shape \(6, 10, {channels}\), pictures are"):
        package.predict_files(model, "one.png")


def test_networks_of_vectors_and_signals_take_no_pictures(digits):
    layers = ["flatten", {"type": "dense", "units": 2}, "softmax"]
    for number, x, data in [(0, np.eye(40), {}), (1, np.ones((40, 5, 3)), {"axes": "NLC"})]:
        np.savez(f"{number}.npz", x=x, y=np.arange(40) % 2)
        settings = {"data": {"source": "npz", "path": f"{number}.npz", **data}, "layers": layers}
        package.fit(package.load_config(digits, settings), run=f"runs/{number}")
        with pytest.raises(package.UsageError, match="takes inputs of shape .*, pictures are"):
            package.predict_files(f"runs/{number}", "one.png")


def test_a_regression_has_outputs_and_no_classes(digits):
    x = np.random.default_rng(0).integers(0, 256, (60, 4, 4), dtype=np.uint8)
    np.savez("real.npz", x=x, y=x[:, 0, :2] / 255)
    settings = {
        "data": {"source": "npz", "path": "real.npz"},
        "layers": ["flatten", {"type": "dense", "units": 2}],
        "loss": "quadratic",
        "learning_rate": 0.001,
    }
    package.fit(package.load_config(digits, settings), run="runs/real")
    Image.fromarray(x[0]).save("one.png")
    (answer,) = package.predict_files("runs/real", "one.png")
    outputs = package.load_model("runs/real").predict(x[:1])
    np.testing.assert_array_equal(answer.outputs, outputs[0])
    assert answer.label is answer.name is answer.p is answer.error is None


def test_pictures_on_another_scale_are_warned_of_once(model, names, monkeypatch):
    """The digits have values up to 16; and dark ones alone say nothing."""
    for number in range(100):
        shade = np.full((8, 8), 200 + number % 3, dtype=np.uint8)
        Image.fromarray(shade).save(f"{number}.png")
    monkeypatch.setattr(module, "BATCH", 16)
    with warnings.catch_warnings(record=True, action="always") as found:
        list(package.predict_files(model, [f"{number}.png" for number in range(100)]))
    (warning,) = found
    assert warning.category is package.InputWarning
    assert str(warning.message).startswith("the pictures lie between 200 and 20")
    with warnings.catch_warnings(action="error"):
        list(package.predict_files(model, names))


def test_without_pillow_the_error_names_the_way_out(trained, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    with pytest.raises(package.UsageError, match=r"pip install 'cnntrain\[images\]'"):
        package.predict_files(trained, "one.png")


def test_memory_is_flat(model, names):
    """2,000 pictures take no more than 200: nothing is kept of those that were answered."""
    import tracemalloc

    most = []
    for count in (200, 2000):
        tracemalloc.start()
        for _ in package.predict_files(model, (names[i % 150] for i in range(count))):
            pass
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < most[0] + 2**21
    assert most[1] < 2**24


def test_a_caller_who_has_seen_enough_leaves_no_threads(model, names):
    answers = package.predict_files(model, names)
    next(answers)
    del answers
    shutil.rmtree("digits")
    for thread in threading.enumerate():
        if thread.name.startswith("decode"):
            thread.join(timeout=60)
            assert not thread.is_alive()
