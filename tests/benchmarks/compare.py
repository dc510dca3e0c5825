"""One training step of cnntrain and of PyTorch, side by side: the ratio of their times.

The two take turns of three steps, A B A B ..., on the same networks, initial weights, data and
number of threads, in float32: forward, backward, SGD with momentum.  A turn counts as its median
step, since the other's idle threads spin for a while.  PyTorch runs eagerly, in the faster of its
two memory layouts.  A ratio below 1 means that cnntrain is faster; only ratios count, since other
processes slow both down alike.

Usage: python tests/benchmarks/compare.py [--pairs N] [--threads 1 2] [--json FILE] [CASE...]
A CASE is such as lenet-32: a network and a batch size.  Needs PyTorch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from yardstick import CASES, Step

from cnntrain.cli.options import table
from cnntrain.nn.layers import Conv, Dense, Flatten, Layer, MaxPool, ReLU

TURN = 3


class TorchStep:
    """The network, data and optimizer of a `Step`, in PyTorch."""

    def __init__(self, step: Step, layout: torch.memory_format) -> None:
        network = step.network
        channels = network.shapes[0][0]
        modules: list[torch.nn.Module] = []
        for layer, shape in zip(network.body, network.shapes, strict=False):
            modules.append(module(layer, shape))
        self.model = torch.nn.Sequential(*modules).to(memory_format=layout)
        named = network.named_parameters(step.w).values()
        with torch.no_grad():
            for parameter, array in zip(self.model.parameters(), named, strict=True):
                parameter.copy_(torch.from_numpy(array))
        x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(step.samples.x, 3, 1)))
        assert x.shape[1] == channels
        self.x = x.contiguous(memory_format=layout)
        self.y = torch.from_numpy(step.samples.y)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3, momentum=0.9)
        self.times: list[float] = []

    def take(self, threads: int) -> float:
        """One step, timed; its loss."""
        torch.set_num_threads(threads)
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(self.model(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        value = loss.item()
        self.times.append(1e3 * (time.perf_counter() - start))
        return value


def module(layer: Layer, shape: tuple[int, ...]) -> torch.nn.Module:
    """The module of PyTorch that computes what `layer` does on inputs of `shape`."""
    if isinstance(layer, Conv):
        padding = layer.padding if isinstance(layer.padding, str) else tuple(layer.padding)
        return torch.nn.Conv2d(shape[0], layer.filters, layer.kernel, padding=padding)
    if isinstance(layer, Dense):
        return torch.nn.Linear(shape[0], layer.units)
    kinds = {ReLU: torch.nn.ReLU, Flatten: torch.nn.Flatten}
    return torch.nn.MaxPool2d(2) if isinstance(layer, MaxPool) else kinds[type(layer)]()


@dataclass
class Result:
    """Milliseconds of both sides, and the ratios of pairs taken one right after the other."""

    case: str
    threads: int
    ours: float
    theirs: float
    ratios: list[float]

    def row(self) -> list[str]:
        low, middle, high = min(self.ratios), statistics.median(self.ratios), max(self.ratios)
        cells = (self.ours, self.theirs, low, middle, high)
        return [self.case, str(self.threads), *(f"{value:.2f}" for value in cells)]


def turns(times: list[float]) -> list[float]:
    """The median step of each turn but the first, which warms up."""
    starts = range(TURN, len(times), TURN)
    return [statistics.median(times[start : start + TURN]) for start in starts]


def compare(case: tuple, threads: int, pairs: int) -> Result:
    """`pairs` pairs of steps, after a few to warm up."""
    ours = Step(case, threads)
    rivals = [TorchStep(ours, f) for f in (torch.contiguous_format, torch.channels_last)]
    for draw in range(pairs + 1):
        losses = [ours.take(TURN * draw + k) for k in range(TURN)]
        for rival in rivals:
            theirs = [rival.take(threads) for _ in range(TURN)]
            if draw == 0:
                assert np.allclose(theirs, losses, rtol=1e-2), "the two do not compute the same"
    rival = min(rivals, key=lambda r: statistics.median(r.times[TURN:]))
    mine, other = turns(ours.times), turns(rival.times)
    ratios = [a / b for a, b in zip(mine, other, strict=True)]
    name = f"{ours.name}-{ours.batch}"
    return Result(name, threads, statistics.median(mine), statistics.median(other), ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--pairs", type=int, default=11)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = []
    for threads in given.threads:
        for case in CASES:
            name = f"{case[0].__name__}-{case[1]}"
            if not given.cases or name in given.cases:
                results.append(compare(case, threads, given.pairs))
                print(
                    name, threads, f"{statistics.median(results[-1].ratios):.2f}", file=sys.stderr
                )
    header = ["network", "threads", "cnntrain ms", "PyTorch ms", "least", "median", "most"]
    print(table(header, [result.row() for result in results]))
    if given.json:
        given.json.write_text(json.dumps([vars(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
