"""What each augmentation costs, beside a training step.

It is the least processor time of many turns: a batch takes so little that what others do on the
machine would be measured otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from report import Report
from yardstick import CASES, Step

from cnntrain.data.augment import AUGMENTATIONS, Augmenter, RandomChange
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.nn.engines import normals, resampling
from cnntrain.nn.shapes import MisfitError

SAMPLES, TURNS = 1_000, 7
SETTINGS = {"erase": {"fraction": 0.25, "fill": "random"}}
COLUMNS = ["augmentation", "images", "ms a batch", "of a step", "in NumPy ms"]


def augment(pairs: int) -> Report:
    """A batch of bytes through each augmentation, with its defaults."""
    step = Step(CASES[3], 1)
    taken = least(lambda: step.take(0), TURNS * pairs)
    rows = []
    for kind in AUGMENTATIONS:
        word = kind.word()
        made = AUGMENTATIONS.validate({"type": word, **SETTINGS.get(word, {})})
        for shape in ((28, 28, 1), (32, 32, 3)):
            try:
                made.check_input(shape)
            except MisfitError:
                continue
            mine, plain = costs(made, shape, step.batch, pairs)
            size = "x".join(map(str, shape))
            rows.append([word, size, mine, f"{100 * mine / taken:.1f} %", plain])
    about = f"batches of {step.batch} images; a step of `small` with one thread: {taken:.3g} ms"
    return Report("augment", about, COLUMNS, rows)


def costs(kind: RandomChange, shape: tuple[int, ...], batch: int, pairs: int) -> list[float]:
    """Milliseconds a batch, where there is a library and where there is none."""
    x = np.random.default_rng(0).integers(0, 256, (SAMPLES, *shape), dtype=np.uint8)
    part, positions = Part.whole(Examples(x, np.arange(SAMPLES) % 10)), np.arange(batch)
    augmenter = Augmenter([kind], part, 0, 10)
    raw = x[:batch]

    def once() -> None:
        augmenter(raw.copy(), positions, 1)
        augmenter.targets(positions, 1)

    mine, library = least(once, TURNS * pairs), resampling.load
    resampling.load = normals.load = lambda: "none"
    try:
        return [mine, least(once, TURNS * pairs)]
    finally:
        resampling.load = normals.load = library


def least(call: Callable[[], object], turns: int) -> float:
    """Milliseconds of the processor."""
    times = []
    for _ in range(turns):
        start = time.process_time()
        call()
        times.append(1e3 * (time.process_time() - start))
    return min(times)
