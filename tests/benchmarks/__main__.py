"""Benchmarks, cnntrain beside PyTorch where there is something to compare.

Usage: python tests/benchmarks [--pairs N] [--avx2] [--json FILE] [NAME...]
Needs PyTorch.  A NAME is a benchmark; without any, all of them, in some 8 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

# What holds PyTorch, and the libraries that it calls, to AVX2.
HELD = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="some of them; default: all")
    parser.add_argument("--pairs", type=int, default=9, help="repetitions (default: 9)")
    parser.add_argument("--avx2", action="store_true", help="hold both sides to AVX2")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    given = parser.parse_args()
    if given.avx2:
        os.environ.update(HELD)  # before PyTorch is imported

    import yardstick
    from augmenting import augment
    from layers import layers
    from loop import loop
    from processes import jobs, memory, runs, startup
    from scaling import batches, sizes, widths
    from steps import forward, steps
    from trainings import trainings

    if given.avx2:
        yardstick.LEVEL = "x86-64-v3"
    every = [steps, trainings, layers, forward, augment, memory, startup, loop]
    every += [batches, widths, sizes, jobs, runs]
    if unknown := set(given.names) - {benchmark.__name__ for benchmark in every}:
        names = ", ".join(benchmark.__name__ for benchmark in every)
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {names}")
    print(f"cnntrain computes with {yardstick.compiled().library_text}\n", flush=True)
    reports = []
    for benchmark in every:
        if not given.names or benchmark.__name__ in given.names:
            reports.append(benchmark(given.pairs))
            print(reports[-1].text(), flush=True)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        content = [report.as_dict() for report in reports]
        given.json.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
