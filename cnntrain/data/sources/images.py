"""Pictures in files: in a folder for each class, or named in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from cnntrain.data.examples import Examples, RawData
from cnntrain.data.formats.safe_read import exists
from cnntrain.data.pictures.folders import list_folders
from cnntrain.data.pictures.form import Color, Fit, Form
from cnntrain.data.pictures.listing import Listing, Picture
from cnntrain.data.pictures.table import list_table
from cnntrain.data.sources.source import NO_NUL, APath, OptionalPath, Source
from cnntrain.errors import DataError
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AnInteger, from_list, tagged
from cnntrain.text import pluralize, shown_path

Array = NDArray[Any]
Side = Annotated[int, Field(ge=1, le=8192)]
Sides = Annotated[
    tuple[Side, ...], Field(min_length=2, max_length=2, title="a list [height, width]"), from_list
]
PictureSize = Annotated[Annotated[Side, AnInteger] | Annotated[Sides, AList], tagged()]
CachePath = Annotated[
    str, Field(pattern=NO_NUL, title="auto, none or a directory"), APath("auto", "none")
]
MOST_LISTED = 1000  # pictures that cannot be read, in an error
MOST_WARNED = 20  # such pictures in warnings


class Images(Source):
    """Pictures in files: JPEG, PNG, BMP, GIF, TIFF and WebP, in a folder for each class or named in
    a table. Needs Pillow: `pip install 'cnntrain[images]'`.

    The folders are CLASS/*, or train/CLASS/*, validation/CLASS/* and test/CLASS/*; folders in a
    class folder belong to the class. data/README.md tells more.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"not": {"required": ["table"]}},
            "then": {"required": ["directory"]},
        }
    )
    also = "folder folders imagefolder image pictures imagedirectory"
    short = False

    source: Literal["images"] = "images"
    directory: OptionalPath = setting(
        "Directory with a folder for each class, or with train, validation and test. Required, "
        "unless there is a `table`, whose files are relative to it.",
        None,
        also="dir folder path root",
    )
    table: OptionalPath = setting(
        "CSV file with the columns file and label, and part where it is known. Default: none.",
        None,
        also="csv file filename",
    )
    size: PictureSize = setting(
        "Height and width that every picture gets, in pixels: one number or [height, width].",
        also="imagesize imgsize inputsize resize shape",
    )
    fit: Fit = setting(
        "What becomes of a picture of another shape: its middle (crop), all of it with black "
        "beside it (pad), or all of it out of shape (stretch).",
        "crop",
        also="resizemode aspect",
    )
    color: Color = setting(
        "Three channels, or one.", "rgb", also="channels colormode colour colorspace"
    )
    unreadable: Literal["refuse", "skip"] = setting(
        "Pictures that cannot be read: an error that lists them, or left out with a warning.",
        "refuse",
        also="corrupt invalid errors",
    )
    cache: CachePath = setting(
        "Where decoded pictures are kept: in the user's cache (auto), nowhere, or in a directory. "
        "Changes no result.",
        "auto",
        also="cachedir",
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """There is a directory or a table, or both; groups are a column of a table."""
        if "directory" not in values and "table" not in values:
            yield None, "missing key data.directory, expected a path (or data.table)"
        if values.get("group", "none") != "none" and "table" not in values:
            yield "group", "data.group without data.table, of which it names a column"

    @property
    def form(self) -> Form:
        """The form that all pictures get."""
        height, width = (self.size,) * 2 if isinstance(self.size, int) else self.size
        return Form(height, width, self.fit, self.color)

    def read(self) -> RawData:
        from cnntrain.data.pictures.gather import gather

        listing, place = self._listing()
        pictures = listing.pictures
        names, paths = [p.name for p in pictures], [p.path for p in pictures]
        found = gather(names, paths, place, self.form, self.cache)
        problems = [f"{shown_path(names[i])}: {why}" for i, why in sorted(found.reasons.items())]
        if problems and (self.unreadable == "refuse" or not len(found.pixels)):
            raise DataError(_listed(problems, len(pictures)))
        readable = [p for i, p in enumerate(pictures) if i not in found.reasons]
        chosen = {id(picture) for picture in readable}
        parts, start = {}, 0
        for part, members in listing.parts.items():
            left = [picture for picture in members if id(picture) in chosen]
            x = found.pixels[start : start + len(left)]
            parts[part] = _examples(x, left, listing.classes)
            start += len(left)
        warnings = (*listing.warnings, *found.warnings, *_left_out(problems))
        return RawData(**parts, class_names=listing.classes, warnings=warnings)

    def _listing(self) -> tuple[Listing, Path]:
        """The pictures, and the place that they have in common."""
        for key in ("directory", "table"):
            path = getattr(self, key)
            if path is not None and not exists(Path(path)):
                kind = "directory" if key == "directory" else "file"
                raise DataError(f"no {kind} {shown_path(path)} (data.{key})")
        if self.directory is not None and not Path(self.directory).is_dir():
            raise DataError(
                f"{shown_path(self.directory)} is a file, data.directory names a directory"
            )
        if self.table is None:
            assert self.directory is not None  # `problems`
            directory = Path(self.directory)
            return list_folders(directory), directory
        table = Path(self.table)
        return list_table(table, Path(self.directory or table.parent), self.group), table


def _examples(x: Array, pictures: list[Picture], classes: tuple[str, ...] | None) -> Examples:
    """The samples of a part."""
    if classes is None:
        y: Array = np.array([[float(picture.label)] for picture in pictures]).reshape(-1, 1)
    else:
        numbers = {name: label for label, name in enumerate(classes)}
        y = np.array([numbers[picture.label] for picture in pictures], dtype=np.int64)
    groups = [picture.group for picture in pictures]
    known: Array | None = None if None in groups else np.array(groups, dtype=str)
    return Examples(x, y, tuple(picture.name for picture in pictures), known)


def _listed(problems: list[str], total: int) -> str:
    """The error for pictures that cannot be read: all of them, up to a bound."""
    lines = [
        f"{len(problems):,} of {pluralize(total, 'picture')} cannot be read (mend or remove them, "
        "or leave them out with data.unreadable: skip):",
        *problems[:MOST_LISTED],
    ]
    if len(problems) > MOST_LISTED:
        lines.append(f"and {len(problems) - MOST_LISTED:,} more")
    return "\n  ".join(lines)


def _left_out(problems: list[str]) -> list[str]:
    """Warnings of pictures that are left out."""
    warnings = [f"left out {problem}" for problem in problems[:MOST_WARNED]]
    if len(problems) > MOST_WARNED:
        warnings.append(f"left out {len(problems) - MOST_WARNED:,} more that cannot be read")
    return warnings
