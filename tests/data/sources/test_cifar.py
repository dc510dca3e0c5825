"""CIFAR-10 and CIFAR-100 in their binary versions."""

import numpy as np
import pytest

from cnntrain.data.sources.cifar import VERSIONS
from cnntrain.errors import DataError

CIFAR10, CIFAR100 = VERSIONS
RANDOM = np.random.default_rng(0)


def write(folder, version, count=20, test=10):
    """The files of a version with a few records each, and the records by file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name in (*version.train, version.test):
        records = RANDOM.integers(
            0, 256, (test if name == version.test else count, version.record), dtype=np.uint8
        )
        for column, (classes, _) in enumerate(version.labels.values()):
            records[:, column] = np.arange(len(records)) * 7 % classes
        (folder / name).write_bytes(records.tobytes())
        written[name] = records
    for kind, (classes, name) in version.labels.items():
        names = [f"{kind} {i}" for i in range(classes)]
        (folder / name).write_text("\n".join(names) + "\n\n")
    return written


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "here"


@pytest.fixture
def cifar(folder, load):
    """`cifar(more)`: the data set in `folder`."""
    return lambda more="": load(f"{{source: cifar, directory: here{more}}}")


def refusal(cifar, folder, more=""):
    """The message, on one line, with which the folder is refused; it is called HERE."""
    with pytest.raises(DataError) as caught:
        cifar(more)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(folder), "HERE")


def test_the_planes_of_a_record_become_channels(cifar, folder):
    written = write(folder, CIFAR10)
    data = cifar()
    records = np.concatenate([written[name] for name in CIFAR10.train])
    assert data.train.x.shape == (100, 32, 32, 3) and data.train.x.dtype == np.uint8
    for i, record in enumerate(records[::9]):  # by the words of the format's description
        red, green, blue = record[1:].reshape(3, 1024)
        for plane, channel in zip((red, green, blue), range(3), strict=True):
            for row in (0, 5, 31):
                np.testing.assert_array_equal(
                    data.train.x[9 * i, row, :, channel], plane[32 * row : 32 * row + 32]
                )
    np.testing.assert_array_equal(data.train.y, records[:, 0])
    np.testing.assert_array_equal(data.test.y, written["test_batch.bin"][:, 0])
    assert data.class_names == tuple(f"fine {i}" for i in range(10))


def test_cifar_100_has_labels_of_two_kinds(cifar, folder):
    written = write(folder, CIFAR100, 100)
    fine, coarse = cifar(), cifar(", labels: coarse")
    records = written["train.bin"]
    np.testing.assert_array_equal(coarse.train.y, records[:, 0])
    np.testing.assert_array_equal(fine.train.y, records[:, 1])
    np.testing.assert_array_equal(fine.train.x, coarse.train.x)
    assert (fine.classes, coarse.classes) == (100, 20)
    assert coarse.class_names[3] == "coarse 3"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.title)
def test_what_the_archive_unpacks_to_may_be_in_the_directory(cifar, folder, version):
    write(folder / version.folder, version, 100)
    assert cifar().input_shape == (32, 32, 3)


def test_part_of_the_training_part_may_be_split_off(cifar, folder):
    write(folder, CIFAR10)
    data = cifar(", validation: 0.1")
    assert (len(data.train), len(data.validation), len(data.test)) == (90, 10, 10)


def test_what_is_not_there_is_named(cifar, folder):
    files = "no data_batch_1.bin of CIFAR-10 or train.bin of CIFAR-100 in HERE"
    way = " (`cnntrain fetch cifar10` or `cifar100` gets them)"
    assert refusal(cifar, folder) == files + way
    folder.mkdir()
    assert refusal(cifar, folder) == files + way
    write(folder, CIFAR10)
    (folder / "data_batch_3.bin").unlink()
    (folder / "test_batch.bin").unlink()
    assert refusal(cifar, folder) == (
        "no data_batch_3.bin, test_batch.bin in HERE, expected all files of cifar-10-binary.tar.gz"
    )


def test_a_file_is_no_directory(cifar, folder):
    folder.write_text("")
    assert refusal(cifar, folder) == "HERE is a file, data.directory names a directory"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.title)
def test_pickles_are_never_loaded(cifar, folder, version):
    told = (
        f"HERE holds the Python version of {version.title}, which is pickled and never loaded; "
        f"expected the binary version (get {version.archive})"
    )
    (folder / version.pickles).mkdir(parents=True)
    assert refusal(cifar, folder) == told
    (folder / version.pickles).rmdir()
    (folder / version.train[0].removesuffix(".bin")).write_bytes(b"\x80\x04.")
    assert refusal(cifar, folder) == told


def test_an_archive_is_to_be_unpacked(cifar, folder):
    folder.mkdir()
    (folder / CIFAR100.archive).touch()
    assert refusal(cifar, folder) == (
        "HERE holds cifar-100-binary.tar.gz, expected its files (unpack it there)"
    )


def test_both_are_one_too_many(cifar, folder):
    write(folder, CIFAR10)
    write(folder / CIFAR100.folder, CIFAR100)
    assert refusal(cifar, folder) == (
        "CIFAR-10 in HERE and CIFAR-100 in HERE/cifar-100-binary, expected one of them (set "
        "data.directory)"
    )


def test_cifar_10_has_labels_of_one_kind(cifar, folder):
    write(folder, CIFAR10)
    assert refusal(cifar, folder, ", labels: coarse") == (
        "data.labels is coarse, but HERE holds CIFAR-10, whose labels are of one kind (leave "
        "data.labels out)"
    )


@pytest.mark.parametrize("size", [0, 1, 3072, 3073 * 20 - 1])
def test_a_file_of_another_length_is_refused(cifar, folder, size):
    write(folder, CIFAR10)
    path = folder / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:size])
    assert refusal(cifar, folder) == (
        f"HERE/data_batch_2.bin: {size:,} bytes, expected a number of records of 3,073 bytes (is "
        "the file whole?)"
    )


def test_a_label_that_there_is_not_tells_a_file_of_another_kind(cifar, folder):
    write(folder, CIFAR10)
    path = folder / "test_batch.bin"
    content = bytearray(path.read_bytes())
    content[3 * 3073] = 10
    path.write_bytes(content)
    assert refusal(cifar, folder) == (
        "HERE/test_batch.bin: label of record 3 is 10, allowed is 0 to 9 (is it the file that its "
        "name says?)"
    )


@pytest.mark.parametrize(
    ("names", "told"),
    [(b"a\nb\n", "2 names, expected 10"), (b"\xff", "no text in UTF-8"), (None, "no file")],
)
def test_every_class_has_a_name(cifar, folder, names, told):
    write(folder, CIFAR10)
    path = folder / "batches.meta.txt"
    path.unlink() if names is None else path.write_bytes(names)
    assert told in refusal(cifar, folder)
