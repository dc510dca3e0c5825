"""A process that takes a few steps of a network on one side: prints its peak memory in MiB, and
what of it was there once everything was imported.

Usage: python tests/benchmarks/memory.py NETWORK cnntrain|PyTorch THREADS
"""

from __future__ import annotations

import sys
from pathlib import Path

from processes import STEPS
from yardstick import CASES, Step


def peak() -> float:
    """That of this program; getrusage would count what its parent held as well."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 2**10 for line in lines if line.startswith("VmHWM"))


def main(network: str, side: str, threads: int) -> None:
    case = next(case for case in reversed(CASES) if case[0].__name__ == network)
    if side == "PyTorch":
        from rival import TorchStep

        imported = peak()
        rival = TorchStep(Step(case, 1))
        for _ in range(STEPS):
            rival.take(threads)
    else:
        imported = peak()
        step = Step(case, threads)
        for draw in range(STEPS):
            step.take(draw)
    print(peak(), imported)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
