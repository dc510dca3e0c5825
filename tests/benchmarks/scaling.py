"""How speed changes with batch size, threads, width and the size of the data set."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from report import Report
from yardstick import Step, lenet, small

from cnntrain.data import Batches, Dataset
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.data.standardize import Standardizer
from cnntrain.nn.layers import Conv, Dense, Flatten, Layer, MaxPool, ReLU

BATCHES = (1, 8, 32, 128, 512)
WIDTHS = (8, 16, 32, 64)
SIZES = (10**3, 10**4, 10**5, 10**6)
STEPS = 5


def batches(pairs: int) -> Report:
    """Samples a second by batch size and threads."""
    rows = []
    for make in (lenet, small):
        for size in BATCHES:
            speeds = [speed(Step((make, size), threads)) for threads in (1, 2)]
            rows.append([make.__name__, size, *speeds, speeds[1] / speeds[0]])
    columns = ["network", "batch size", "1 thread", "2 threads", "gain"]
    return Report("batches", "samples a second", columns, rows)


def widths(pairs: int) -> Report:
    """Samples a second by width: two convolutions of so many filters on 28 x 28."""
    rows = []
    for width in WIDTHS:

        def network(width: int = width) -> tuple[list[Layer], tuple[int, ...]]:
            stages: list[Layer] = []
            for _ in range(2):
                stages += [Conv(filters=width, kernel=3, padding="same"), ReLU()]
            return [*stages, MaxPool(window=2), Flatten(), Dense(units=10)], (28, 28, 1)

        speeds = [speed(Step((network, 64), threads)) for threads in (1, 2)]
        rows.append([width, *speeds, speeds[1] / speeds[0]])
    columns = ["filters", "1 thread", "2 threads", "gain"]
    return Report("widths", "samples a second, batch size 64", columns, rows)


def speed(step: Step) -> float:
    """Samples a second, from the median step."""
    for draw in range(STEPS + 2):
        step.take(draw)
    return 1e3 * step.batch / statistics.median(step.times[2:])


def sizes(pairs: int) -> Report:
    """An epoch of a narrow network on a data set that is mapped into memory from a file."""
    rows = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            rows.append([count, *epoch(Path(folder) / "images", count)])
    columns = ["samples", "seconds an epoch", "microseconds a sample", "MiB held"]
    return Report("sizes", "one epoch, batch size 256, 2 threads", columns, rows)


def narrow() -> tuple[list[Layer], tuple[int, ...]]:
    """One convolution with a stride, and a dense layer."""
    return [
        Conv(filters=4, kernel=5, stride=2),
        ReLU(),
        MaxPool(window=2),
        Flatten(),
        Dense(units=10),
    ], (28, 28, 1)


def epoch(path: Path, count: int) -> tuple[float, float, float]:
    """Seconds of an epoch over `count` images, microseconds a sample, and the memory held at its
    end beside the file's pages."""
    x = np.memmap(path, dtype=np.uint8, mode="w+", shape=(count, 28, 28, 1))
    x[:: max(count // 1000, 1)] = 255  # the rest of the file is a hole
    examples = Examples(x, np.arange(count) % 10)
    part = Part.whole(examples)
    standardizer = Standardizer.fit("none", x, part.indices)
    dataset = Dataset({"train": part}, tuple("0123456789"), standardizer, fingerprint="")
    step = Step((narrow, 256), 2)
    start = time.perf_counter()
    for number, positions in enumerate(Batches(count, 256, 0, False).batches(1)):
        step.samples = dataset.samples(dataset.train, positions)
        step.take(number)
    seconds = time.perf_counter() - start
    return seconds, 1e6 * seconds / count, held()


def held() -> float:
    """Memory of this process that is no file's, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 2**10 for line in lines if line.startswith("RssAnon"))
