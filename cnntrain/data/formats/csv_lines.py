"""The lines of a table of text, by their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from cnntrain.errors import DataError

BOM = b"\xef\xbb\xbf"
LONGEST = 2**26  # bytes in a line


def numbered_lines(file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """The lines of `file`, called `name`, that are not empty, with their numbers from 1.

    Raises DataError for a line that is no text, or too long.
    """
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(BOM)
        if len(line) > LONGEST:
            raise DataError(f"{name}:{number}: more than {LONGEST:,} bytes in a line")
        if b"\0" in line:
            raise DataError(f"{name}:{number}: a null byte, expected text")
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}:{number}: byte {error.start + 1} is not UTF-8 (save the table as UTF-8)"
            ) from None
        if "\r" in text:
            raise DataError(f"{name}:{number}: a carriage return, expected lines that end in \\n")
        if text.strip():
            yield number, text
