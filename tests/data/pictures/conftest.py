"""Folders of small pictures, and what is gathered from them."""

import numpy as np
import pytest
from PIL import Image

from cnntrain.data.pictures import decoding, gather
from cnntrain.data.pictures.folders import list_folders
from cnntrain.data.pictures.form import Form

FORM = Form(6, 8)


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


@pytest.fixture
def settled(monkeypatch):
    """Files that were made in this test count as old."""
    monkeypatch.setattr("cnntrain.data.pictures.stamps.RACY", -(10**12))


@pytest.fixture
def place(folder):
    """A directory of 20 pictures."""
    return folder(*(f"{'ab'[i % 2]}/{i:02}.png" for i in range(20)))


@pytest.fixture
def gathered(tmp_path, monkeypatch):
    """`gathered(place, form)`: its pixels, and which pictures were read and decoded."""
    read, decoded = [], []
    monkeypatch.setattr(
        decoding, "read", lambda path, real=decoding.read: (read.append(path), real(path))[1]
    )
    monkeypatch.setattr(
        decoding,
        "decode_bytes",
        lambda *a, real=decoding.decode_bytes: (decoded.append(a), real(*a))[1],
    )

    def run(place, form=FORM, cache=None):
        read.clear(), decoded.clear()
        pictures = list_folders(place).pictures
        found = gather.gather(
            [p.name for p in pictures],
            [p.path for p in pictures],
            place,
            form,
            str(tmp_path / "cache") if cache is None else cache,
        )
        return found, len(read), len(decoded)

    return run
