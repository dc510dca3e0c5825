"""What a process asks of the file system, by strace: seen, and made to fail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)\((.*)\) += +(-?\d+)")
FD = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class Call:
    """A system call that succeeded: its name, and the paths that it names."""

    name: str
    paths: tuple[str, ...]


def watch(log: Path) -> list[str]:
    """The start of a command line that writes the calls on files to `log`."""
    calls = "write,pwrite64,fsync,fdatasync,rename,link,unlink,ftruncate"
    return ["strace", "-f", "-y", "-qq", "-s", "1", "-o", str(log), "-e", f"trace={calls}"]


def inject(call: str, fault: str, when: int | str, path: Path | None = None) -> list[str]:
    """The start of a command line in which the `when`-th `call` (on `path`, if given) meets a
    fault, such as "signal=KILL" or "error=EIO"; "3+": the third and all after it."""
    where = [] if path is None else ["-P", str(path)]
    what = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"]
    return ["strace", "-f", "-qq", "-o", "/dev/null", *where, *what]


def calls(log: Path, below: Path) -> list[Call]:
    """The calls in a log on files below a folder, in order, paths relative to it."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = CALL.match(line)
        if match is None or match[3].startswith("-"):
            continue
        by_descriptor = FD.match(match[2])
        named = [by_descriptor[1]] if by_descriptor else QUOTED.findall(match[2])
        paths = [below.parent / name for name in named]  # a relative one starts there
        if paths and all(path == below or below in path.parents for path in paths):
            found.append(Call(match[1], tuple(str(path.relative_to(below)) for path in paths)))
    return found
