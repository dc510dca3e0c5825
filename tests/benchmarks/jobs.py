"""A sweep of eight equal trials, one and two at a time: the ratio of the times.

Usage: python tests/benchmarks/jobs.py [PAIRS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DIGITS = Path(__file__).parent.parent.parent / "configs" / "digits.yaml"


def seconds(jobs: int) -> float:
    """The time of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--rates", "0.05", "--seeds", "8", "--epochs", "20", "--quiet"]
        options += ["--set", "early_stopping=none", "--jobs", str(jobs), "--run", "sweep"]
        command = [sys.executable, "-m", "cnntrain", "lr-sweep", str(DIGITS), *options]
        start = time.monotonic()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - start


def main(pairs: int = 3) -> None:
    times = [(seconds(1), seconds(2)) for _ in range(pairs)]
    for one, two in times:
        print(f"1 job {one:.1f} s, 2 jobs {two:.1f} s: {two / one:.2f}")
    print(f"median {statistics.median(two / one for one, two in times):.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
