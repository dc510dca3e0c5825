"""`cnntrain compare --same`: are two runs the same?"""

from __future__ import annotations

from collections.abc import Sequence

from cnntrain.cli.options import emit, emit_json
from cnntrain.errors import NotFoundError, UsageError
from cnntrain.text import printable, shown_path


def show_difference(paths: Sequence[str], as_json: bool) -> int:
    """Say how two runs differ; 1 if they do, 0 if not.  Raises UsageError and NotFoundError."""
    from cnntrain.comparison.runs import read_run
    from cnntrain.comparison.same import difference

    if len(paths) != 2:
        raise UsageError(f"--same compares two runs, found {len(paths)}")
    for path in paths:
        if read_run(path) is None:
            raise NotFoundError(f"no run in {shown_path(path)}")
    found = difference(*paths)
    if as_json:
        emit_json({"same": found is None, "difference": found.as_json() if found else None})
    elif found is None:
        emit("the same")
    else:
        one, other = (printable(cell) or "nothing" for cell in found.cells)
        emit(
            f"first difference at epoch {found.epoch}, {found.column}: {one} and {other}\n"
            f"largest relative difference {found.largest:.3g}, at epoch {found.largest_at[0]}, "
            f"{found.largest_at[1]}"
        )
    return 0 if found is None else 1
