"""What `cnntrain import-weights` prints: a table of what went where."""

from __future__ import annotations

from collections.abc import Sequence

from cnntrain.cli.options import table
from cnntrain.cli.progress import Warnings
from cnntrain.text import pluralize, printable, shown_path
from cnntrain.training.import_weights import Imported
from cnntrain.training.origin import Move, Origin, sizes


class Refusal(Warnings):
    """Shows how far arrays fit, where they do not."""

    def origin(self, origin: Origin) -> None:
        if not all(move.fits for move in origin.moves):
            self._say(_table(origin.moves))


def result_text(found: Imported) -> str:
    """The table, and the run that was made."""
    return (
        f"{_table(found.arrays)}\n\n"
        f"run        {shown_path(found.run)}\n"
        f"status     imported: {pluralize(len(found.arrays), 'array')} of "
        f"{shown_path(found.file)}, by {found.by}"
    )


def _table(moves: Sequence[Move]) -> str:
    """What went where, up to the first that does not fit."""
    wrong = next((k for k, move in enumerate(moves) if not move.fits), len(moves))
    rows = [
        [
            printable(move.there or "-", 60),
            sizes(move.there_shape),
            printable(move.here or "-", 60),
            sizes(move.here_shape),
            "" if move.fits else "does not fit",
        ]
        for move in moves[: wrong + 1]
    ]
    text = table(["in the file", "shape", "in the network", "shape", ""], rows, left=5)
    rest = len(moves) - wrong - 1
    return f"{text}\n... {pluralize(rest, 'more array')}" if rest > 0 else text
