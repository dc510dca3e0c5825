"""Where a file that somebody asked for may be written."""

from __future__ import annotations

import os
from pathlib import Path

from cnntrain.errors import UsageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.storage import disk
from cnntrain.text import argument, shown_path


def check_result(path: str | Path, force: bool) -> None:
    """Raise UsageError where `path` is there, unless it is a file and `force` replaces it, or would
    be among the files of a run or a sweep."""
    file, place = Path(path), shown_path(path)
    for folder in Path(os.path.realpath(file)).parents:
        there = RunDirectory(folder)
        sweep = there.holds_sweep() and disk.exists(there.config)
        if sweep or there.holds_run():
            raise UsageError(
                f"{place} would be among the files of a {'sweep' if sweep else 'run'} (choose a "
                f"place outside of {shown_path(folder)})"
            )
    if disk.exists(file) and not file.is_file():
        kind = "a folder" if disk.is_folder(file) else "a device or a pipe"
        raise UsageError(f"{place} is {kind}, nothing was written (choose another name)")
    if not force and (disk.exists(file) or file.is_symlink()):
        told = f"{argument('force', True)} replaces it"
        raise UsageError(f"{place} exists already, nothing was written ({told})")
