"""Text for people, in which no file or name can steer a terminal."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Sequence


def printable(value: object, limit: int = 80) -> str:
    """`value` as text on one line: control and direction characters escaped, cut at `limit`."""
    text = str(value)
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in cut
    )


def shown_path(path: object) -> str:
    """A path, or the name of a file, on one line and whole unless it is absurdly long."""
    return printable(path, 400)


class Spelling:
    """How messages name the arguments that people give: by default as in Python."""

    as_options = False  # on the command line


def argument(name: str, flag: bool = False) -> str:
    """An argument in a message: `run=`, or on the command line `--run`; a `flag` is `resume=True`,
    or `--resume`."""
    if Spelling.as_options:
        return f"--{name.replace('_', '-')}"
    return f"{name}=True" if flag else f"{name}="


def elsewhere() -> str:
    """The way out where a directory cannot be used."""
    return f"choose another directory with {argument('run')}"


def resuming() -> str:
    """The way out where a run was interrupted."""
    return "cnntrain fit --resume goes on" if Spelling.as_options else "fit(resume=True) goes on"


def importing() -> str:
    """The way in for weights of other programs."""
    return "cnntrain import-weights" if Spelling.as_options else "cnntrain.import_weights"


def pluralize(number: int, word: str) -> str:
    """A number of things: "1 seed", "3 seeds"."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def all_of(words: Iterable[str]) -> str:
    """Words in a row: "a, b and c"."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def loss_text(value: float | None) -> str:
    """A loss with four decimals, or four digits where decimals would hide it; "" for None."""
    if value is None:
        return ""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.3e}"


def percent(value: float | None) -> str:
    """A fraction as a percentage, "-" where there is none."""
    return "-" if value is None else f"{100 * value:.2f} %"


def spreadsheet_cell(text: str) -> str:
    """Text that a spreadsheet shows, whole, and does not compute; numbers stay as they are."""
    try:
        float(text)
    except ValueError:
        shown = printable(text, len(text))
        return f"'{shown}" if shown[:1] in {"=", "+", "-", "@"} else shown
    return text


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as the text of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The entry of `known` most like `word`, or None where nothing comes close.

    In names of as many parts, each part must be like its counterpart.

    >>> nearest("max_pol", ["max_pool", "relu"])
    'max_pool'
    >>> nearest("avg_pool", ["max_pool", "relu"])
    """
    matches = difflib.get_close_matches(word, sorted(known), n=5, cutoff=0.6)
    return next((match for match in matches if _part_by_part(word, match)), None)


def _part_by_part(word: str, other: str) -> bool:
    """Whether the parts of two names are alike, if there are as many."""
    parts, others = _SEPARATORS.split(word), _SEPARATORS.split(other)
    return len(parts) != len(others) or all(
        difflib.SequenceMatcher(None, *pair).ratio() >= 2 / 3
        for pair in zip(parts, others, strict=True)
    )


_SEPARATORS = re.compile(r"[_.-]")
