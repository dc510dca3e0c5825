"""Which pictures lie in folders, of which class and in which part."""

import os
import socket

import pytest

from cnntrain.data.pictures.folders import list_folders
from cnntrain.errors import DataError


def names(listing, part="train"):
    return [(picture.name, picture.label) for picture in listing.parts[part]]


def refusal(place):
    with pytest.raises(DataError) as error:
        list_folders(place)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_folders_are_classes_in_the_order_of_their_names(folder):
    listing = list_folders(folder("dog/2.png", "dog/10.png", "cat/1.jpg", "Ant/a.PNG"))
    assert listing.classes == ("Ant", "cat", "dog")
    assert names(listing) == [
        ("Ant/a.PNG", "Ant"), ("cat/1.jpg", "cat"), ("dog/10.png", "dog"), ("dog/2.png", "dog"),
    ]  # fmt: skip
    assert listing.warnings == []


def test_classes_that_are_numbers_are_in_the_order_of_these(folder):
    assert list_folders(folder(*(f"{i}/a.png" for i in range(12)))).classes == tuple(
        map(str, range(12))
    )
    assert list_folders(folder("x/a.png")).classes == tuple(sorted([*map(str, range(12)), "x"]))


def test_folders_in_a_class_folder_belong_to_it(folder):
    listing = list_folders(folder("cat/b/c/1.png", "cat/a/2.png", "cat/3.png", "dog/1.png"))
    assert [name for name, label in names(listing) if label == "cat"] == [
        "cat/3.png", "cat/a/2.png", "cat/b/c/1.png"
    ]  # fmt: skip


def test_parts_have_folders_of_their_own(folder):
    listing = list_folders(
        folder("train/cat/1.png", "train/dog/1.png", "validation/cat/2.png", "test/dog/3.png")
    )
    assert list(listing.parts) == ["train", "validation", "test"]
    assert names(listing, "test") == [("test/dog/3.png", "dog")]


def test_train_may_be_a_class(folder):
    listing = list_folders(folder("train/1.png", "bus/1.png"))
    assert listing.classes == ("bus", "train")


def test_hidden_files_and_what_is_no_picture_are_passed_over_and_counted(folder):
    place = folder("cat/1.png", "cat/.2.png", "cat/.git/3.png", "dog/1.png")
    (place / "cat" / "notes.txt").write_text("")
    (place / "README.md").write_text("")
    listing = list_folders(place)
    assert len(listing.pictures) == 2
    (warning,) = listing.warnings
    assert warning == (
        "passed over 4 files that are no pictures: README.md, cat/.2.png, cat/.git, ..."
    )


def test_empty_class_folders_are_warned_of(folder):
    place = folder("cat/1.png", "dog/1.png")
    (place / "bird" / "deep").mkdir(parents=True)
    listing = list_folders(place)
    assert listing.classes == ("cat", "dog")
    assert listing.warnings == ["no picture in the folder bird, which is no class for that"]


def test_links_to_files_are_followed_and_links_to_folders_are_not(folder):
    place = folder("cat/1.png", "dog/1.png")
    (place / "cat" / "2.png").symlink_to(place / "dog" / "1.png")
    (place / "cat" / "loop").symlink_to(place)
    (place / "fox").symlink_to(place / "dog")
    listing = list_folders(place)
    assert [name for name, _ in names(listing)] == ["cat/1.png", "cat/2.png", "dog/1.png"]
    assert listing.warnings == ["did not follow 2 links to folders: cat/loop, fox"]


def test_what_is_called_like_a_picture_is_one_until_it_is_opened(folder, monkeypatch):
    """Then it is said what it is."""
    place = folder("cat/1.png", "dog/1.png")
    os.mkfifo(place / "cat" / "2.png")
    (place / "cat" / "3.png").symlink_to("nowhere")
    (place / "cat" / "5.png").symlink_to("5.png")
    with socket.socket(socket.AF_UNIX) as plug:
        monkeypatch.chdir(place / "cat")  # a socket's path is short
        plug.bind("4.png")
    assert len(list_folders(place).pictures) == 6


def test_names_may_be_any_bytes(folder):
    place = folder("cat/1.png", "dog/1.png")
    name = os.fsdecode(b"\xff\xfe\x1b[2J.png")
    (place / "cat" / "1.png").rename(place / "cat" / name)
    (picture, _) = list_folders(place).pictures
    assert picture.name == f"cat/{name}"


def test_what_makes_no_classes(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no class in" in refusal(tmp_path / "empty")
    assert "one class, cat, in" in refusal(folder("cat/1.png"))
    place = folder("cat/1.png", "dog/1.png", "b.png", "a.png")
    assert f"pictures lie in {place} itself, such as a.png, expected" in refusal(place)


@pytest.mark.parametrize(
    ("others", "problem"),
    [
        (["val/cat/1.png"], "has a folder val, expected train, validation, test (rename it to val"),
        (["Test/cat/1.png"], "has a folder Test, expected train, validation, test (rename it to t"),
        (["misc/1.png"], "has a folder misc beside train, expected train, validation and test al"),
        (["test/fox/1.png"], "test/fox/1.png in "),
        (["test/1.png"], "test itself, such as test/1.png, expected a folder of them for each"),
    ],
)
def test_what_makes_no_parts(folder, others, problem):
    assert problem in refusal(folder("train/cat/1.png", "train/dog/1.png", *others))


def test_parts_without_train(folder):
    message = refusal(folder("training/cat/1.png", "val/dog/1.png"))
    assert "has a folder training, expected train, validation, test (rename it to train)" in message


def test_other_parts_alone(folder):
    place = folder("test/cat/1.png", "validation/cat/1.png")
    assert refusal(place).endswith("has the folders test, validation but no train")


def test_a_directory_that_is_not_there_is_an_error(tmp_path):
    assert refusal(tmp_path / "nowhere").endswith("nowhere")
