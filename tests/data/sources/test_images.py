"""Pictures in files: folders and tables become parts, and what is wrong with them is said."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from cnntrain.config import load_config
from cnntrain.errors import ConfigError, DataError

SHAPE = (6, 8)  # of the pictures


def write(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


@pytest.fixture
def pictures(tmp_path):
    """A directory of 30 pictures in three classes, and their pixels by name."""
    place = tmp_path / "pictures"
    names = [f"{['cat', 'dog', 'elk'][i % 3]}/{i:02}.png" for i in range(30)]
    return place, {name: write(place / name, i) for i, name in enumerate(names)}


def test_a_directory_of_classes(load, pictures):
    _, pixels = pictures
    data = load("{source: images, directory: pictures, size: [6, 8], validation: 0.2}")
    assert data.class_names == ("cat", "dog", "elk")
    assert (len(data.train), len(data.validation)) == (24, 6)
    examples = data.train.examples
    assert examples.files == tuple(sorted(pixels))
    assert examples.x.dtype == np.uint8
    for row, name in enumerate(examples.files):
        np.testing.assert_array_equal(examples.x[row], pixels[name])
        assert data.class_names[examples.y[row]] == name[:3]
    assert isinstance(examples.x, np.memmap)


def test_parts_of_their_own(load, tmp_path):
    for i, part in enumerate(("train", "train", "validation", "test")):
        for c in "ab":
            write(tmp_path / "pictures" / part / c / f"{i}.png", 10 * i + ord(c))
    data = load("{source: images, directory: pictures, size: 4, color: gray}")
    assert [len(part) for part in data.parts.values()] == [4, 2, 2]
    assert data.test.examples.files == ("test/a/3.png", "test/b/3.png")
    assert data.input_shape == (4, 4, 1)


def test_a_folder_a_table_and_an_npz_of_the_same_pictures_are_the_same_data(
    load, npz, pictures, tmp_path
):
    _, pixels = pictures
    names = sorted(pixels)
    rows = [f"pictures/{name},{name[:3]}" for name in reversed(names)]
    (tmp_path / "files.csv").write_text("\n".join(["file,label", *rows]))
    data = [
        load("{source: images, directory: pictures, size: [6, 8], test: 0.2}"),
        load("{source: images, table: files.csv, size: [6, 8], test: 0.2, cache: none}"),
        npz(", test: 0.2", x=np.stack([pixels[n] for n in names]), y=[n[:3] for n in names]),
    ]
    assert len({d.fingerprint for d in data}) == 1
    assert len({d.split_hash for d in data}) == 1
    assert len({d.class_names for d in data}) == 1


def test_a_table_relative_to_a_directory_with_parts_and_groups(load, pictures, tmp_path):
    names = sorted(pictures[1])
    rows = [f"{n},{n[:3]},{'test' if i % 5 == 0 else 'train'},p{i // 3}"
            for i, n in enumerate(names)]  # fmt: skip
    (tmp_path / "files.csv").write_text("\n".join(["file,label,part,patient", *rows]))
    data = load(
        "{source: images, table: files.csv, directory: pictures, size: 4, group: patient, "
        "validation: 0.3}"
    )
    assert len(data.test) == 6
    train, validation = (data.parts[p].examples.groups[data.parts[p].indices]
                         for p in ("train", "validation"))  # fmt: skip
    assert not set(train) & set(validation)


def test_real_numbers_in_a_table_are_targets(load, pictures, tmp_path):
    names = sorted(pictures[1])
    rows = [f"{n},{i / 4}" for i, n in enumerate(names)]
    (tmp_path / "files.csv").write_text("\n".join(["file,label", *rows]))
    data = load("{source: images, table: files.csv, directory: pictures, size: 4}")
    assert data.class_names is None
    np.testing.assert_array_equal(data.train.y[:, 0], np.arange(30) / 4)


# What cannot be read ------------------------------------------------------------------------------


def test_unreadable_pictures_are_all_listed(load, pictures):
    place, _ = pictures
    (place / "cat" / "00.png").write_bytes(b"")
    (place / "dog" / "01.png").write_bytes((place / "dog" / "01.png").read_bytes()[:120])
    (place / "elk" / "02\x1b.png").symlink_to("nowhere")
    (place / "elk" / "loop.png").symlink_to("loop.png")
    os.mkfifo(place / "elk" / "pipe.png")
    with pytest.raises(DataError) as error:
        load("{source: images, directory: pictures, size: 4}")
    assert str(error.value).splitlines() == [
        "5 of 33 pictures cannot be read (mend or remove them, or leave them out with "
        "data.unreadable: skip):",
        "  cat/00.png: it is empty",
        "  dog/01.png: it is truncated",
        "  elk/02\\x1b.png: No such file or directory",
        "  elk/loop.png: Too many levels of symbolic links",
        "  elk/pipe.png: it is a named pipe, expected a file",
    ]


def test_unreadable_pictures_may_be_skipped_with_a_warning_each(load, pictures):
    place, _ = pictures
    for name in ("cat/00", "dog/01"):
        (place / f"{name}.png").write_bytes(b"")
    data = load("{source: images, directory: pictures, size: 4, unreadable: skip}")
    assert len(data.train) == 28
    assert "cat/00.png" not in data.train.examples.files
    assert data.warnings == ("left out cat/00.png: it is empty", "left out dog/01.png: it is empty")
    other = load("{source: images, directory: pictures, size: 4, unreadable: skip, cache: none}")
    assert other.fingerprint == data.fingerprint


@pytest.mark.parametrize("count", [50, 2000])
def test_very_many_unreadable_pictures_are_bounded(load, tmp_path, count):
    for i in range(count):
        path = tmp_path / "pictures" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with pytest.raises(DataError) as error:
        load("{source: images, directory: pictures, size: 4, unreadable: skip}")
    lines = str(error.value).splitlines()
    assert len(lines) == 1 + min(count, 1000) + (count > 1000)
    assert lines[-1] == ("  and 1,000 more" if count > 1000 else "  b/9.png: it is empty")


def test_many_warnings_are_bounded(load, tmp_path):
    for i in range(100):
        write(tmp_path / "pictures" / "ab"[i % 2] / f"{i}.png", i)
        (tmp_path / "pictures" / "a" / f"bad{i}.jpg").touch()
    data = load("{source: images, directory: pictures, size: 4, unreadable: skip}")
    assert len(data.warnings) == 21
    assert data.warnings[-1] == "left out 80 more that cannot be read"


@pytest.mark.slow
def test_a_hundred_thousand_empty_files(load, tmp_path, user_cache):
    """Clear and bounded, with nothing written outside the cache."""
    for c in "ab":
        (tmp_path / "pictures" / c).mkdir(parents=True)
        for i in range(50_000):
            os.close(os.open(f"{tmp_path}/pictures/{c}/{i}.jpg", os.O_CREAT | os.O_WRONLY))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DataError, match="100,000 of 100,000 pictures cannot be read") as error:
        load("{source: images, directory: pictures, size: 4}")
    assert len(str(error.value)) < 100_000
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "config.yaml"])


# What is wrong with the settings ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{source: images, size: 4}", "1:7: error: missing key data.directory, expected a path (o"),
        ("{source: images, directory: a}", "1:7: error: missing key data.size, expected"),
        ("images", "1:7: error: missing key data.size"),
        ("{source: images, directory: a, size: 0}", "1:44: error: invalid data.size, found 0"),
        (
            "{source: images, directory: a, size: [4]}",
            "1:44: error: invalid data.size, found a list",
        ),
        ("{source: images, directory: a, size: [4, 4, 3]}", "1:44: error: invalid data.size"),
        ("{source: images, directory: a, size: 9999}", "1:44: error: invalid data.size"),
        ("{source: images, directory: a, size: 4, fit: cropp}", "(did you mean crop?)"),
        ("{source: images, directory: a, size: 4, color: grey}", "found 'grey', expected rgb or g"),
        ("{source: images, directory: a, size: 4, unreadable: ignore}", "refuse or skip"),
        ("{source: images, directory: a, size: 4, cache: 3}", "expected auto, none or a directory"),
        ("{source: images, directory: a, size: 4, resize: 3}", "did you mean size?"),
        ("{source: images, directory: a, size: 4, group: p}", "data.group without data.table, of"),
        ("{source: imagefolder, directory: a, size: 4}", "did you mean images?"),
    ],
)
def test_wrong_settings(load, text, problem):
    with pytest.raises(ConfigError) as error:
        load(text)
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("directory: none-such", "no directory {}/none-such (data.directory)"),
        ("directory: config.yaml", "{}/config.yaml is a file, data.directory names a directory"),
        ("table: none.csv", "no file {}/none.csv (data.table)"),
        ("table: .", "cannot read {}: it is a directory, expected a file"),
    ],
)
def test_places_that_are_not_there(load, tmp_path, text, problem):
    with pytest.raises(DataError) as error:
        load(f"{{source: images, {text}, size: 4}}")
    assert str(error.value) == problem.format(tmp_path)


def test_paths_start_from_the_config_and_words_of_cache_stay(tmp_path):
    path = tmp_path / "config.yaml"
    rest = "layers: [flatten, {type: dense, units: 2}, softmax]\nloss: cross_entropy\n"
    rest += "batch_size: 8\nepochs: 1\nlearning_rate: 0.1\n"
    for cache, want in (("auto", "auto"), ("none", "none"), ("here", f"{tmp_path}/here")):
        path.write_text(f"data: {{source: images, directory: p, size: 4, cache: {cache}}}\n{rest}")
        data = load_config(path).data
        assert (data.directory, data.cache) == (f"{tmp_path}/p", want)


# As a user does -----------------------------------------------------------------------------------

CONFIG = """\
name: NAME
data: {DATA, validation: 0.2, test: 0.2}
layers: [{type: conv, filters: 4, kernel: 3}, relu, flatten, {type: dense, units: 3}, softmax]
loss: cross_entropy
batch_size: 8
epochs: 2
learning_rate: 0.05
"""


@pytest.fixture
def fitted(tmp_path, cnntrain, monkeypatch):
    """`fitted(name, data)`: the run directory of a small network, trained on `data`."""
    monkeypatch.chdir(tmp_path)

    def fit(name, data, *options):
        config = tmp_path / f"{name}.yaml"
        config.write_text(CONFIG.replace("NAME", name).replace("DATA", data))
        result = cnntrain("fit", config, *options)
        assert result.code == 0, result.err
        return tmp_path / "runs" / name

    return fit


def test_the_same_pictures_give_the_same_bytes_however_they_are_stored(fitted, pictures, tmp_path):
    _, pixels = pictures
    names = sorted(pixels)
    rows = [f"pictures/{name},{name[:3]}" for name in names]
    (tmp_path / "files.csv").write_text("\n".join(["file,label", *rows]))
    np.savez("x.npz", x=np.stack([pixels[n] for n in names]), y=[n[:3] for n in names])
    runs = [
        fitted("folder", "source: images, directory: pictures, size: [6, 8]"),
        fitted("table", "source: images, table: files.csv, size: [6, 8]"),
        fitted("npz", "source: npz, path: x.npz"),
    ]
    for file in ("metrics.csv", "split.npz"):
        assert len({(run / file).read_bytes() for run in runs}) == 1, file


def test_a_run_on_pictures_is_evaluated_resumed_and_moved(fitted, pictures, cnntrain, tmp_path):
    run = fitted("run", "source: images, directory: pictures, size: 6")
    told = json.loads(cnntrain("evaluate", run, "--json").out)
    assert told["count"] == 6
    (tmp_path / "pictures").rename(tmp_path / "moved")
    assert "no directory" in cnntrain("evaluate", run).err
    moved = cnntrain("evaluate", run, "--json", "--set", "data.directory=moved")
    assert json.loads(moved.out)["loss"] == told["loss"]
    changes = ("--set", "data.directory=moved", "--set", "data.cache=none", "--set", "epochs=3")
    again = cnntrain("fit", "run.yaml", "--run", run, "--resume", *changes)
    assert again.code == 0, again.err
    write(tmp_path / "moved" / "cat" / "00.png", 77)
    changed = cnntrain("fit", "run.yaml", "--run", run, "--resume", *changes[:-1], "epochs=4")
    assert changed.code in {3, 4}
    assert "data" in changed.err


def test_unreadable_pictures_end_fit_with_3(fitted, pictures, cnntrain):
    place, _ = pictures
    run = fitted("run", "source: images, directory: pictures, size: 6")
    (place / "cat" / "00.png").write_bytes(b"")
    result = cnntrain("evaluate", run)
    assert result.code == 3
    assert "\n  cat/00.png: it is empty\n" in result.err
    assert result.err.startswith("cnntrain: error: 1 of 30 pictures cannot be read")
