"""Forward passes and memory, cnntrain beside PyTorch.

    forward   10,000 images through `small`, in turns, the median ratio of the times
    memory    peak memory of a process that takes five training steps of `vgg` at batch size 32

Usage: python tests/benchmarks/limits.py [--threads N] [--pairs N].  Needs PyTorch.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
import torch
from compare import TorchStep
from yardstick import CASES, Step

from cnntrain.nn.samples import ArraySamples

IMAGES, BATCH = 10_000, 256  # PyTorch takes them in batches


def forward(threads: int, pairs: int) -> list[float]:
    """The ratios of the times of cnntrain and PyTorch."""
    step = Step(CASES[3], threads)
    x = np.random.default_rng(0).normal(size=(IMAGES, *step.network.input_shape)).astype("f4")
    samples = ArraySamples(x, np.zeros(IMAGES, dtype=np.int64))
    rival = TorchStep(step, torch.contiguous_format)
    images = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, 3, 1)))
    torch.set_num_threads(threads)
    ratios = []
    for _ in range(pairs + 1):
        start = time.perf_counter()
        step.network.measure(step.w, samples)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        with torch.no_grad():
            for first in range(0, IMAGES, BATCH):
                rival.model(images[first : first + BATCH]).softmax(1)
        ratios.append(ours / (time.perf_counter() - start))
        print(f"forward: cnntrain {ours:.2f} s, ratio {ratios[-1]:.2f}", file=sys.stderr)
    return ratios[1:]


def memory(side: str, threads: int) -> float:
    """Peak memory in MiB of a process of its own that trains on one side."""
    command = [sys.executable, __file__, "--train", side, "--threads", str(threads)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def train(side: str, threads: int) -> None:
    """Five steps of vgg; prints the peak memory, less what was there before (MiB)."""
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = Step(CASES[4], threads)
    if side == "cnntrain":
        for draw in range(5):
            step.take(draw)
    else:
        rival = TorchStep(step, torch.contiguous_format)
        for _ in range(5):
            rival.take(threads)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--train", choices=["cnntrain", "torch"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        train(given.train, given.threads)
        return
    for side in ("cnntrain", "torch"):
        print(f"memory of five steps of vgg, {side}: {memory(side, given.threads):,.0f} MiB")
    ratios = forward(given.threads, given.pairs)
    print(f"forward, {IMAGES:,} images through small: ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
