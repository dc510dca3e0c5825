"""Benchmarks, cnntrain beside PyTorch where there is something to compare.

Usage: python tests/benchmarks [--pairs N] [--json FILE] [NAME...]
Needs PyTorch.  A NAME is a benchmark; without any, all of them, in some 8 minutes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from layers import layers
from limits import halves, products
from loop import loop
from processes import jobs, memory, runs, startup
from scaling import batches, sizes, widths
from steps import forward, steps

ALL = [steps, layers, products, halves, forward, memory, startup, loop]
ALL += [batches, widths, sizes, jobs, runs]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    names = [benchmark.__name__ for benchmark in ALL]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(names)}")
    parser.add_argument("--pairs", type=int, default=9, help="repetitions (default: 9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    reports = []
    for benchmark in ALL:
        if not given.names or benchmark.__name__ in given.names:
            reports.append(benchmark(given.pairs))
            print(reports[-1].text(), flush=True)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        content = [report.as_dict() for report in reports]
        given.json.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
