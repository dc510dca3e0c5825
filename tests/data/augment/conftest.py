"""Training parts to augment, and what their samples become."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.data.augment import Augmenter
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part

RANDOM = np.random.default_rng(0)
INPUTS = {
    "bytes": RANDOM.integers(3, 251, (60, 7, 6, 1), dtype=np.uint8),
    "colors": RANDOM.integers(0, 256, (60, 5, 8, 3), dtype=np.uint8),
    "floats": RANDOM.normal(3, 2, (60, 7, 6, 2)).astype(np.float32),
    "doubles": RANDOM.normal(3, 2, (60, 4, 4, 1)),
    "signals": RANDOM.normal(size=(60, 1, 9, 2)).astype(np.float32),
}


@pytest.fixture(params=INPUTS)
def part(request) -> Part:
    """Every third sample of some inputs is in another part."""
    return part_of(request.param)


@pytest.fixture(params=["bytes", "colors", "floats", "doubles"])
def images(request) -> Part:
    """The same without signals."""
    return part_of(request.param)


@pytest.fixture
def colors() -> Part:
    """The one with three channels."""
    return part_of("colors")


def part_of(name: str) -> Part:
    x = INPUTS[name]
    return Part(Examples(x, np.arange(60) % 3), np.flatnonzero(np.arange(60) % 3))


@pytest.fixture
def augmented():
    """`augmented(part, kinds, epoch)`: the whole part, in its order."""

    def made(part, kinds, epoch, seed=0):
        return Augmenter(kinds, part, seed)(part.x.copy(), np.arange(len(part)), epoch)

    return made
