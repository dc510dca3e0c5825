"""Files are replaced whole or not at all."""

import os

import pytest

from cnntrain.errors import StorageError
from cnntrain.storage import durable


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_write_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "file"
    durable.write(path, b"old")
    durable.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


def test_write_honours_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        durable.write(tmp_path / "file", b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_names_the_file_and_leaves_the_old_contents(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()  # a file cannot be renamed over a folder
    with pytest.raises(StorageError, match=r"cannot write .*/folder: Is a directory"):
        durable.write(target, b"x")
    assert names(tmp_path) == ["folder"]


def test_a_file_that_is_being_written_takes_its_place_only_when_it_is_whole(tmp_path):
    path = tmp_path / "file"
    durable.write(path, b"old")
    with pytest.raises(KeyError), durable.replacing(path) as file:
        file.write(b"half of the ne")
        raise KeyError
    assert path.read_bytes() == b"old" and names(tmp_path) == ["file"]
    with durable.replacing(path) as file:
        file.write(b"ne")
        file.write(b"w")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new" and names(tmp_path) == ["file"]


def test_move_replaces_what_is_there(tmp_path):
    durable.write(tmp_path / "a", b"a")
    durable.write(tmp_path / "b", b"b")
    durable.move(tmp_path / "a", tmp_path / "b")
    assert names(tmp_path) == ["b"] and (tmp_path / "b").read_bytes() == b"a"
    with pytest.raises(StorageError, match=r"cannot write .*/c: No such file or directory"):
        durable.move(tmp_path / "a", tmp_path / "c")


def test_write_into_a_missing_folder_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="No such file or directory"):
        durable.write(tmp_path / "missing" / "file", b"x")


def test_link_gives_a_second_name_and_replaces_the_old_one(tmp_path):
    first, second, name = tmp_path / "1", tmp_path / "2", tmp_path / "last"
    durable.write(first, b"1")
    durable.write(second, b"2")
    durable.link(name, first)
    assert name.read_bytes() == b"1"
    durable.link(name, second)
    durable.link(name, second)  # again: both are one file already
    assert name.read_bytes() == b"2"
    assert first.read_bytes() == b"1"
    assert names(tmp_path) == ["1", "2", "last"]


def test_of_several_files_all_are_replaced_or_none(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"1")
    with pytest.raises(StorageError, match="there/x"):
        durable.write_together({old: b"2", tmp_path / "there" / "x": b"3"})
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert old.read_bytes() == b"1"
    durable.write_together({old: b"2", new: b"3"})
    assert (old.read_bytes(), new.read_bytes()) == (b"2", b"3")
