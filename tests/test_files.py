"""Only regular files are read, and nothing waits for a pipe."""

import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from cnntrain import files

KINDS = {
    "pipe": "a named pipe",
    "folder": "a directory",
    "socket": "a socket",
    "device": "a device",
}


@pytest.fixture
def place(tmp_path):
    """`place(kind)`: the path of something that is no regular file."""
    listening = socket.socket(socket.AF_UNIX)

    def make(kind):
        path = tmp_path / kind
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "socket":
            home = Path.cwd()
            os.chdir(tmp_path)  # the names of sockets are short
            listening.bind(kind)
            os.chdir(home)
        else:
            path.symlink_to("/dev/zero")
        return path

    yield make
    listening.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_at_once(place, kind):
    with pytest.raises(files.NotAFile, match=f"it is {KINDS[kind]}, expected a file"):
        files.read_bytes(place(kind))


def test_a_pipe_that_somebody_writes_to_is_refused(place):
    path = place("pipe")
    writer = os.open(path, os.O_RDWR)
    try:
        with pytest.raises(files.NotAFile):
            files.read_bytes(path)
    finally:
        os.close(writer)


def test_links_are_followed_only_where_they_are_allowed(tmp_path):
    (tmp_path / "file").write_text("text")
    link = tmp_path / "link"
    link.symlink_to("file")
    assert files.read_text(link) == "text"
    with pytest.raises(files.NotAFile, match="it is a symbolic link"):
        files.read_text(link, links=False)
    assert files.read_text(tmp_path / "file", links=False) == "text"
    (tmp_path / "nowhere").symlink_to("gone")
    with pytest.raises(files.NotAFile, match="it is a symbolic link"):
        files.read_text(tmp_path / "nowhere", links=False)


def test_a_part_of_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert files.read_bytes(path, limit=4) == b"0123"
    assert files.read_bytes(path) == b"0123456789"


def test_a_file_without_end_takes_no_memory(tmp_path):
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 2**40)
    tracemalloc.start()
    with pytest.raises(OSError, match="more than 1,000,000 bytes"):
        files.read_bytes(path, largest=10**6)
    assert files.read_bytes(path, limit=10) == bytes(10)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["missing", "a\0b", "\ud800", "file/below"])
def test_names_under_which_there_can_be_no_file(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OSError) as caught:
        files.read_bytes(tmp_path / name)
    assert caught.value.errno in files.MISSING


def test_no_descriptor_stays_open(tmp_path, place):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (place("pipe"), place("folder"), tmp_path / "missing"):
        with pytest.raises(OSError):
            files.open_file(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_limit_takes_no_memory_of_its_own(tmp_path):
    (tmp_path / "file").write_bytes(bytes(3 * files.PIECE))
    assert files.read_bytes(tmp_path / "file", limit=2**60) == bytes(3 * files.PIECE)
    assert files.read_bytes(tmp_path / "file", limit=files.PIECE + 1) == bytes(files.PIECE + 1)
