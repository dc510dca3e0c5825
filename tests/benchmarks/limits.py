"""Where a step's time goes, and what a second core could do without the interpreter's lock."""

from __future__ import annotations

import multiprocessing
import statistics
import time

from report import Report
from yardstick import CASES, Step

from cnntrain.nn.engines.numpy import im2col, winograd
from cnntrain.nn.engines.numpy import products as module
from cnntrain.nn.layers import dense

USERS = (dense, im2col, winograd)  # of products
WARM_UP = 3  # steps
STEPS = 40  # of lenet; fewer of what is larger


def products(pairs: int) -> Report:
    """Products of matrices, and of them the transforms of Winograd's algorithm, with one thread."""
    rows = []
    for case in CASES[1:]:
        step = Step(case, 1)
        ended = [timed(step, number) for number in range(WARM_UP + max(pairs, 3))][WARM_UP:]
        whole, parts = min(ended, key=lambda entry: entry[0])
        spent = sum(seconds for seconds, _ in parts.values())
        speed = sum(flops for _, flops in parts.values()) / spent / 1e9
        transforms = parts.get("transforms", (0.0, 0))[0] / spent
        rows.append([step.label, 1e3 * whole, spent / whole, transforms, speed])
    columns = ["network", "step ms", "products", "of them transforms", "GFLOP/s"]
    return Report("products", "shares of a training step, one thread", columns, rows)


def timed(step: Step, number: int) -> tuple[float, dict[str, tuple[float, int]]]:
    """Seconds of a step, and seconds and operations of its products by kind."""
    parts: dict[str, tuple[float, int]] = {}

    def watched(multiply, user):
        def call(a, b, out):
            start = time.perf_counter()
            multiply(a, b, out)
            seconds = time.perf_counter() - start
            # Winograd's 36 products come together, its transforms one by one.
            kind = "transforms" if user is winograd and a.ndim == 2 else "others"
            before, flops = parts.get(kind, (0.0, 0))
            parts[kind] = before + seconds, flops + 2 * out.size * a.shape[-1]

        return call

    places = [(user, name) for user in USERS for name in ("multiply", "multiply_transposed")]
    try:
        for user, name in places:
            setattr(user, name, watched(getattr(module, name), user))
        step.take(number)
    finally:
        for user, name in places:
            setattr(user, name, getattr(module, name))
    return step.times[-1] / 1e3, parts


def halves(pairs: int) -> Report:
    """A step whose batch is cut in two: by one thread, two threads, or two processes."""
    rows = []
    for (make, batch), share in ((CASES[1], 1), (CASES[2], 4), (CASES[3], 10)):
        one, two = (median(Step((make, batch), threads, batch // 2), share) for threads in (1, 2))
        start, results = multiprocessing.Barrier(2), multiprocessing.Queue()
        given = (make, batch // 2, share, start, results)
        workers = [multiprocessing.Process(target=worker, args=given) for _ in range(2)]
        for process in workers:
            process.start()
        apart = max(results.get() for _ in workers)
        for process in workers:
            process.join()
        rows.append([f"{make.__name__}-{batch}", one, two, apart])
    columns = ["network", "1 thread", "2 threads", "2 processes"]
    return Report("halves", "milliseconds of a step cut in two chunks", columns, rows)


def median(step: Step, share: int) -> float:
    """Milliseconds of the median step."""
    for number in range(WARM_UP + STEPS // share):
        step.take(number)
    return statistics.median(step.times[WARM_UP:])


def worker(make, batch: int, share: int, start, results) -> None:
    step = Step((make, batch), 1)
    start.wait()
    results.put(median(step, share))
