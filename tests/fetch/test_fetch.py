"""Fetching from a real server: what comes, what is checked, and what an interruption leaves."""

import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from matlab_format import mat_bytes

from cnntrain.data import load_dataset
from cnntrain.data.sources import SOURCES
from cnntrain.errors import CnntrainError, DataError, LockedError, StorageError
from cnntrain.fetch import CATALOGUE, fetch
from cnntrain.text import argument


@pytest.fixture
def got(server, tmp_path, monkeypatch):
    """`got(name)`: the data set from the server, in the folder `here`."""
    monkeypatch.chdir(tmp_path)

    def fetched(name, timeout=10.0, watch=lambda *_: None):
        return fetch(CATALOGUE[name], Path("here"), server.url, timeout, watch)

    return fetched


def there(folder="here"):
    """The files in a folder and below it."""
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def refusal(got, kind, name="mnist", **arguments):
    """The message, on one line, with which fetching fails."""
    with pytest.raises(kind) as caught:
        got(name, **arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_files_of_mnist_come_as_they_are_and_can_be_read(got, mnist):
    fetched = got("mnist")
    assert {name: (Path("here") / name).read_bytes() for name in there()} == mnist
    assert fetched.new == fetched.files == CATALOGUE["mnist"].made
    assert fetched.data == {"source": "idx", "directory": "here", "validation": 0.1}
    data = load_dataset(SOURCES.validate(fetched.data))
    assert (len(data.train), len(data.validation), len(data.test)) == (54, 6, 20)


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_of_an_archive_only_the_files_of_the_data_set_come(got, offer, cifar_members, tar_of, name):
    members = cifar_members(name)
    archive = CATALOGUE[name].downloads[0].name
    offer(name, {archive: tar_of(members)})
    fetched = got(name)
    assert there() == sorted(CATALOGUE[name].made)
    for path, content in members.items():
        if "readme" not in path:
            assert (Path("here") / Path(path).name).read_bytes() == content
    data = load_dataset(SOURCES.validate(fetched.data))
    assert data.input_shape == (32, 32, 3) and data.class_names[3] == "class 3"


def test_letters_stand_upright_and_count_from_0(got, offer, letters_zip):
    content, arrays = letters_zip
    offer("emnist-letters", {"gzip.zip": content})
    fetched = got("emnist-letters")
    assert there() == ["emnist-letters.npz"]
    assert fetched.data["path"] == "here/emnist-letters.npz"
    data = load_dataset(SOURCES.validate({**fetched.data, "validation": "none"}))
    for part, (x, y) in zip((data.train, data.test), arrays.values(), strict=True):
        np.testing.assert_array_equal(part.x[..., 0], x.swapaxes(1, 2))
        np.testing.assert_array_equal(part.y, y - 1)
    assert "".join(data.class_names) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_house_numbers_have_digits_for_labels(got, offer):
    random, arrays = np.random.default_rng(0), {}
    for part, count in (("train", 40), ("test", 20)):
        x = random.integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        arrays[part] = {"X": x, "y": (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]}
    offer("svhn", {f"{part}_32x32.mat": mat_bytes(held) for part, held in arrays.items()})
    fetched = got("svhn")
    assert there() == ["svhn.npz"]
    data = load_dataset(SOURCES.validate({**fetched.data, "validation": "none"}))
    for part, held in zip((data.train, data.test), arrays.values(), strict=True):
        for i in range(len(part)):
            np.testing.assert_array_equal(part.x[i], held["X"][:, :, :, i])
        np.testing.assert_array_equal(part.y, np.where(held["y"] == 10, 0, held["y"])[:, 0])
    assert "".join(data.class_names) == "0123456789"
    offer("svhn", {f"{part}_32x32.mat": mat_bytes({}) for part in arrays})
    (Path("here") / "svhn.npz").unlink()
    assert "expected arrays X (32, 32, 3, N) and y (N, 1)" in refusal(got, DataError, "svhn")


def test_what_is_there_is_not_fetched_again(got, mnist, server):
    got("mnist")
    (Path("here") / "t10k-labels-idx1-ubyte.gz").unlink()
    before = {name: (Path("here") / name).stat().st_mtime_ns for name in there()}
    server.asked.clear()
    assert got("mnist").new == ("t10k-labels-idx1-ubyte.gz",)
    assert server.asked == ["t10k-labels-idx1-ubyte.gz"]
    assert {name: (Path("here") / name).stat().st_mtime_ns for name in before} == before
    server.asked.clear()
    assert got("mnist").new == () and server.asked == []


def test_a_file_that_is_there_and_is_another_one_stays(got, mnist):
    Path("here").mkdir()
    path = Path("here") / "train-labels-idx1-ubyte.gz"
    path.write_bytes(b"precious")
    assert refusal(got, DataError) == (
        f"{path} is there already, and is another file (remove it, or choose another directory)"
    )
    assert there() == ["train-labels-idx1-ubyte.gz"] and path.read_bytes() == b"precious"


FILE = "train-labels-idx1-ubyte.gz"


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        ("missing", StorageError, "the server answers with status 404"),
        ("changed", DataError, "another file than expected, its SHA-256 differs"),
        ("cut", StorageError, "no connection, or it broke off"),
        ("longer", DataError, "bytes, expected"),
        ("endless", DataError, "more than the expected"),
        ("mute", StorageError, "nothing in 0.2 s"),
        ("hangs", StorageError, "nothing in 0.2 s"),
    ],
)
def test_what_goes_wrong_is_said_and_leaves_no_partial_file(got, mnist, server, fault, kind, told):
    server.faults[FILE] = fault
    message = refusal(got, kind, timeout=0.2 if fault in ("mute", "hangs") else 10)
    assert message.startswith(f"cannot fetch {server.url}/{FILE}: ")
    assert told in message
    assert message.endswith(f"({argument('mirror')} names another server)")
    # What is whole waits in the workshop.
    assert there() == [".fetch/.lock", ".fetch/train-images-idx3-ubyte.gz"]
    server.faults.clear()
    server.asked.clear()
    got("mnist")
    assert {name: (Path("here") / name).read_bytes() for name in there()} == mnist
    assert "train-images-idx3-ubyte.gz" not in server.asked


def test_without_a_server_nothing_is_left(got, mnist, server):
    server.files.clear()
    assert "status 404" in refusal(got, StorageError)
    assert not Path("here").exists()


def test_the_next_address_is_asked_where_one_fails(mnist, server, tmp_path):
    entry = CATALOGUE["mnist"]
    addresses = ("http://127.0.0.1:1/gone", f"{server.url}/")
    fetched = fetch(replace(entry, addresses=addresses), tmp_path / "x", None, 5, lambda *_: None)
    assert fetched.new == entry.made
    none = replace(entry, addresses=("http://127.0.0.1:1", "http://127.0.0.1:2"))
    with pytest.raises(StorageError, match=r":1/train.*; cannot fetch .*:2/train"):
        fetch(none, tmp_path / "y", None, 5, lambda *_: None)


def test_two_processes_do_not_fetch_into_one_directory(got, mnist):
    (Path("here") / ".fetch").mkdir(parents=True)
    with FileLock("here/.fetch/.lock"):
        assert refusal(got, LockedError) == "here is in use by another `cnntrain fetch`"
    got("mnist")
    assert there() == sorted(mnist)


def test_progress_is_told_by_file(got, mnist):
    told = []
    got("mnist", watch=lambda *step: told.append(step))
    for name, content in mnist.items():
        steps = [step[1:] for step in told if step[0] == name]
        assert steps[0] == (0, len(content)) and steps[-1] == (len(content), len(content))


PATCHED = """
import sys
from dataclasses import replace
from cnntrain.fetch import CATALOGUE, Download
from cnntrain.__main__ import main
CATALOGUE["mnist"] = replace(CATALOGUE["mnist"], downloads=tuple(Download(*d) for d in {}))
sys.argv = ["cnntrain", "fetch", "mnist", "here", "--mirror", "{}"]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interruption_leaves_whole_files_or_none(got, mnist, server, number):
    server.faults[FILE] = "hangs"
    downloads = [(d.name, d.size, d.sha256) for d in CATALOGUE["mnist"].downloads]
    process = subprocess.Popen([sys.executable, "-c", PATCHED.format(downloads, server.url)])
    assert server.half.wait(60)
    process.send_signal(number)
    assert process.wait(60) == -number
    assert not [name for name in there() if not name.startswith(".fetch/")]
    server.faults.clear()
    got("mnist")
    assert {name: (Path("here") / name).read_bytes() for name in there()} == mnist


def test_a_download_that_is_whole_is_unpacked_without_the_server(
    got, offer, cifar_members, tar_of, server
):
    archive = CATALOGUE["cifar100"].downloads[0].name
    offer("cifar100", {archive: tar_of(cifar_members("cifar100"))})
    (Path("here") / ".fetch").mkdir(parents=True)
    (Path("here") / ".fetch" / archive).write_bytes(server.files[archive])
    (Path("here") / ".fetch" / "tmp123").write_bytes(b"left by a process that was killed")
    got("cifar100")
    assert there() == sorted(CATALOGUE["cifar100"].made)
    assert server.asked == []


def _link(target):
    info = tarfile.TarInfo()
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


@pytest.mark.parametrize(
    "hostile",
    [
        {"../outside.bin": b"x", "/tmp/cnntrain-outside.bin": b"x", "other.bin": b"x"},
        {"cifar-100-binary/link.bin": _link("/etc/passwd")},
    ],
)
def test_nothing_else_comes_out_of_an_archive(got, offer, cifar_members, tar_of, hostile):
    archive = CATALOGUE["cifar100"].downloads[0].name
    offer("cifar100", {archive: tar_of({**hostile, **cifar_members("cifar100")})})
    got("cifar100")
    assert there(".") == sorted(f"here/{name}" for name in CATALOGUE["cifar100"].made)
    assert not Path("/tmp/cnntrain-outside.bin").exists()


def test_a_member_that_leads_out_is_written_under_its_own_name(got, offer, cifar_members, tar_of):
    members = {f"../../{name}": content for name, content in cifar_members("cifar100").items()}
    offer("cifar100", {CATALOGUE["cifar100"].downloads[0].name: tar_of(members)})
    got("cifar100")
    assert there(".") == sorted(f"here/{name}" for name in CATALOGUE["cifar100"].made)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda members, pack: pack({k: v for k, v in members.items() if "test" not in k}),
         "no test.bin in it"),
        (lambda members, pack: pack({**members, "cifar-100-binary/test.bin": _link("/etc/passwd")}),
         "no test.bin in it"),
        (lambda members, pack: pack(members)[:-1000], "damaged archive"),
        (lambda members, pack: b"<html>", "damaged archive"),
    ],
)  # fmt: skip
def test_an_archive_without_the_files_is_refused(got, offer, cifar_members, tar_of, change, told):
    content = change(cifar_members("cifar100"), tar_of)
    offer("cifar100", {CATALOGUE["cifar100"].downloads[0].name: content})
    assert told in refusal(got, DataError, "cifar100")
    assert not [name for name in there() if not name.startswith(".fetch/")]


def test_letters_with_other_labels_are_refused(got, offer, letters_zip):
    content, _ = letters_zip
    offer("emnist-letters", {"gzip.zip": content.replace(b"letters", b"digitss")})
    assert "no emnist-letters-test-images" in refusal(got, DataError, "emnist-letters")


@pytest.mark.parametrize("where", ["here", "here/.fetch"])
def test_a_folder_that_cannot_be_made_is_said(got, mnist, where):
    path = Path(where)
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    assert refusal(got, CnntrainError).startswith(f"cannot make {where}: ")


@pytest.mark.system
def test_a_disk_that_is_full_is_said(got, mnist, tmp_path):
    Path("here").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", "here"], check=True)
    try:
        assert refusal(got, StorageError).endswith("No space left on device")
        assert not [name for name in there() if not name.startswith(".fetch/")]
    finally:
        subprocess.run(["umount", "here"], check=True)
