"""Pictures in a folder for each class: CLASS/*, or train/CLASS/* and validation/, test/ beside."""

from __future__ import annotations

import os
from pathlib import Path

from cnntrain.data.examples import PARTS
from cnntrain.data.formats.safe_read import unreadable
from cnntrain.data.pictures.decode import is_picture
from cnntrain.data.pictures.listing import Listing, Picture, listed, passed_over, some
from cnntrain.errors import DataError
from cnntrain.text import printable, shown_path

# What else people call the parts.
SYNONYMS = {
    "training": "train",
    "trn": "train",
    "val": "validation",
    "valid": "validation",
    "validate": "validation",
    "dev": "validation",
    "eval": "validation",
    "testing": "test",
    "tst": "test",
}


def list_folders(directory: Path) -> Listing:
    """All pictures below `directory`, those in folders of a class folder too.

    Hidden files and files that are no pictures by their names are passed over; links to files are
    followed, links to folders are not, so that there can be no loop.  Raises DataError.
    """
    walk = Walk(directory)
    folders, files = walk.entries("")
    _refuse_strays(directory, "", files)
    lowered = {folder.lower() for folder in folders}
    parted = "train" in folders and not walk.entries("train")[1]
    if not parted and folders and lowered <= {*PARTS, *SYNONYMS}:
        _refuse_names(directory, folders)
    if parted:
        _refuse_names(directory, [name for name in folders if name not in PARTS])
    parts: dict[str, list[Picture]] = {}
    for part in [part for part in PARTS if part in folders] if parted else ["train"]:
        pictures = walk.part(part if parted else "")
        if pictures:
            parts[part] = sorted(pictures, key=lambda picture: picture.order)
    warnings = [
        f"no picture in the folder {shown_path(name)}, which is no class for that"
        for name in sorted(walk.empty)
    ]
    warnings += passed_over(sorted(walk.others), sorted(walk.links))
    return Listing(parts, listed(parts, directory), warnings)


class Walk:
    """Through the folders below a directory; names are relative to it, with "/" between.

    others   hidden files and files that are no pictures, and hidden folders
    links    to folders
    empty    class folders without pictures
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.others, self.links, self.empty = set[str](), set[str](), set[str]()

    def entries(self, folder: str) -> tuple[list[str], list[str]]:
        """The folders and the pictures that are in a folder itself, by name, sorted."""
        folders, pictures = list[str](), list[str]()
        place = self.directory / folder
        try:
            with os.scandir(place) as found:
                for entry in found:
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        hidden = entry.name.startswith(".")
                        (self.others.add if hidden else folders.append)(name)
                    elif _leads_to_folder(entry):
                        self.links.add(name)
                    elif is_picture(entry.name) and not entry.name.startswith("."):
                        pictures.append(name)
                    else:
                        self.others.add(name)
        except NotADirectoryError:
            raise DataError(f"{shown_path(place)} is a file, expected a directory") from None
        except OSError as error:
            raise unreadable(place, error) from None
        return sorted(folders), pictures

    def part(self, part: str) -> list[Picture]:
        """The pictures of a part, which is a folder, or of the directory as a whole."""
        classes, strays = self.entries(part)
        _refuse_strays(self.directory, part, strays)
        pictures = []
        for folder in classes:
            names = self.below(folder)
            label = folder.rpartition("/")[2]
            pictures += [Picture(name, f"{self.directory}{os.sep}{name}", label) for name in names]
            if not names:
                self.empty.add(folder)
        return pictures

    def below(self, folder: str) -> list[str]:
        """The pictures in a folder and in all folders in it."""
        found, left = [], [folder]
        while left:
            folders, pictures = self.entries(left.pop())
            left += folders
            found += pictures
        return found


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a link to a folder."""
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link to itself
        return False


def _refuse_strays(directory: Path, folder: str, pictures: list[str]) -> None:
    """Pictures must be of a class."""
    if pictures:
        place = shown_path(directory / folder)
        raise DataError(
            f"pictures lie in {place} itself, such as {some(sorted(pictures)[:1])}, expected a "
            "folder of them for each class (move them into such folders, or say what they are in "
            "data.table)"
        )


def _refuse_names(directory: Path, folders: list[str]) -> None:
    """Folders beside the parts, or instead of them, that are called otherwise."""
    wrong = [name for name in folders if name not in PARTS]
    known = next((name for name in wrong if name.lower() in {*PARTS, *SYNONYMS}), None)
    if known is not None:
        meant = SYNONYMS.get(known.lower(), known.lower())
        raise DataError(
            f"{shown_path(directory)} has a folder {printable(known)}, expected {', '.join(PARTS)} "
            f"(rename it to {meant})"
        )
    if wrong:
        raise DataError(
            f"{shown_path(directory)} has a folder {printable(wrong[0])} beside train, expected "
            "train, validation and test alone, or a folder for each class"
        )
    if folders and "train" not in folders:
        raise DataError(
            f"{shown_path(directory)} has the folders {', '.join(folders)} but no train"
        )
