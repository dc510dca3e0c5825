"""From the rows that are kept to the rows of the pictures as they are now."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.rows_file import DIGEST, NewRows, Rows
from cnntrain.waiting import tell

Array = NDArray[Any]
Opened = Callable[[], AbstractContextManager[Any]]  # a new file to write
DECODING = "decoding pictures"
OFTEN = 64  # pictures between two calls of a watch


@dataclass(frozen=True, eq=False)
class Files:
    """The files of pictures: what they are called, where they are, and their stamps (N, 4)."""

    names: list[bytes]
    paths: list[str]
    stamps: Array


@dataclass(frozen=True, eq=False)
class Kept:
    """Rows of an earlier time, and the stamps (N, 4) that their files had then."""

    rows: Rows
    stamps: Array

    def holds(self, files: Files) -> bool:
        """Whether these are the rows of all of `files`, which have not changed since."""
        return self.rows.names == files.names and bool(_same(self.stamps, files.stamps).all())


def renew(
    kept: Kept | None, files: Files, form: Form, opened: Opened, made_with: str
) -> tuple[Rows | None, dict[int, str]]:
    """The rows of all files that can be read, in their order, and by number why others cannot.

    Files that have not changed are not read, and those that have the same content are not decoded.
    Only where rows change a new file is `opened`.  The rows are None where no file can be read.
    Raises OSError where it cannot be written.
    """
    source = _Sources(kept, files)
    reasons: dict[int, str] = {}
    with ExitStack() as stack:
        new: NewRows | None = None

        def begun() -> NewRows:
            file: BinaryIO = stack.enter_context(opened())
            return NewRows(file, len(files.names), form.shape)

        for index, pixels, reason in stack.enter_context(closing(source.decoded(form))):
            if reason is not None:
                reasons[index] = reason
            elif pixels is not None:
                new = new or begun()
                new.put(index, pixels)
        readable = [index for index in range(len(files.names)) if index not in reasons]
        names = [files.names[index] for index in readable]
        if kept is not None and new is None and names == kept.rows.names:
            return kept.rows, reasons
        if not readable:
            return None, reasons
        new = new or begun()
        for index in readable:
            if (pixels := source.pixels(index)) is not None:
                new.put(index, pixels)
        new.keep(readable)
        rows = Rows(new.map(len(readable)), source.digests[readable], names)
        new.finish(made_with, rows)
        return rows, reasons


class _Sources:
    """Where the pixels of each file come from: a row that is kept, or the file.

    digests   of the files' content, (N, 16), as far as it is known
    """

    def __init__(self, kept: Kept | None, files: Files) -> None:
        self.kept, self.files = kept, files
        self.digests = np.zeros((len(files.names), DIGEST), dtype=np.uint8)
        self.rows: NDArray[np.int64] = np.full(len(files.names), -1)
        self.trusted = np.zeros(len(files.names), dtype=bool)
        if kept is not None:
            numbers = {name: row for row, name in enumerate(kept.rows.names)}
            self.rows = np.array([numbers.get(name, -1) for name in files.names])
            there = np.flatnonzero(self.rows >= 0)
            self.digests[there] = kept.rows.digests[self.rows[there]]
            self.trusted[there] = _same(kept.stamps[self.rows[there]], files.stamps[there])

    def decoded(self, form: Form) -> Generator[tuple[int, Array | None, str | None], None, None]:
        """Read every file that is not trusted, and decode it where its content is not that of the
        row: yields its number, and its pixels, or the reason why there are none, or neither."""
        from cnntrain.data.pictures.decoding import Job, decode_all

        jobs = [
            Job(
                index,
                self.files.paths[index],
                self.digests[index].tobytes().hex() if self.rows[index] >= 0 else "",
            )
            for index in np.flatnonzero(~self.trusted).tolist()
        ]
        with closing(decode_all(jobs, form)) as all_found:
            for done, found in enumerate(all_found):
                if done % OFTEN == 0:
                    tell(DECODING, done, len(jobs))
                if found.reason is None:
                    self.digests[found.index] = np.frombuffer(found.digest, dtype=np.uint8)
                if found.pixels is not None:
                    self.rows[found.index] = -1
                yield found.index, found.pixels, found.reason
        if jobs:
            tell(DECODING, len(jobs), len(jobs))

    def pixels(self, index: int) -> Array | None:
        """Those that are kept of a file, None where there are none."""
        if self.kept is None or self.rows[index] < 0:
            return None
        row: Array = self.kept.rows.pixels[self.rows[index]]
        return row


def _same(before: Array, now: Array) -> Array:
    """Which of the stamps (n, 4) are the same, and to be trusted."""
    same: Array = (before == now).all(axis=1) & now.any(axis=1)
    return same
