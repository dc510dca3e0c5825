"""Folders of small pictures."""

import numpy as np
import pytest
from PIL import Image


def _picture(path, seed=0, size=(8, 6), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return pixels


@pytest.fixture(scope="session")
def picture():
    """`picture(path, seed)`: a picture of 8 x 6 pixels of noise in a file, and its pixels."""
    return _picture


@pytest.fixture
def folder(tmp_path):
    """`folder(*names)`: a directory with these pictures, each different."""

    def made(*names):
        place = tmp_path / "pictures"
        for seed, name in enumerate(names):
            _picture(place / name, seed)
        return place

    return made
