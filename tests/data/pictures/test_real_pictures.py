"""Photographs that nobody here made, from the folder to answers about new pictures.

Patches of the photographs in the wheels of scikit-image (whose README.txt tells their licences) and
of scikit-learn (china.jpg and flower.jpg, CC BY 2.0), saved in the formats and modes that people
have.  The left three quarters of each photograph are trained on, the rest is the test part.
"""

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIDE = 40  # of a patch, in pixels
PHOTOGRAPHS = {
    "brick": "skimage/data/brick.png",
    "china": "sklearn/datasets/images/china.jpg",
    "coffee": "skimage/data/coffee.png",
    "flower": "sklearn/datasets/images/flower.jpg",
    "grass": "skimage/data/grass.png",
}


def photograph(name):
    """A photograph, from where `make` puts what is in the wheels."""
    return Image.open(Path(sys.prefix) / "photographs" / PHOTOGRAPHS[name]).convert("RGB")


def turned():
    """EXIF data of a camera that was held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


WAYS = {  # how a patch is saved: its suffix, what is made of it, and options
    "jpeg": ("jpg", lambda patch: patch, {"quality": 90}),
    "progressive": ("JPEG", lambda patch: patch, {"progressive": True}),
    "cmyk": ("jpg", lambda patch: patch.convert("CMYK"), {}),
    "turned": ("jpg", lambda patch: patch.transpose(Image.Transpose.ROTATE_90), {"exif": turned()}),
    "png": ("png", lambda patch: patch, {}),
    "palette": ("PNG", lambda patch: patch.quantize(64), {}),
    "alpha": ("png", lambda patch: patch.convert("RGBA"), {}),
    "gif": ("gif", lambda patch: patch, {}),
    "tiff": ("tif", lambda patch: patch, {"compression": "tiff_lzw"}),
    "bmp": ("bmp", lambda patch: patch, {}),
    "webp": ("webp", lambda patch: patch, {"quality": 90}),
    "large": ("jpg", lambda patch: patch.resize((200, 200)), {}),
    "wide": ("png", lambda patch: patch.crop((-9, 0, SIDE + 9, SIDE)), {}),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A directory with 78 pictures of each class to train on, and 26 to test."""
    random, place = np.random.default_rng(0), tmp_path_factory.mktemp("world")
    for name in PHOTOGRAPHS:
        whole = photograph(name)
        edge = whole.width * 3 // 4
        for part, low, high, count in (("train", 0, edge, 78), ("test", edge, whole.width, 26)):
            (place / "pictures" / part / name).mkdir(parents=True)
            for i in range(count):
                x = int(random.integers(low, high - SIDE))
                y = int(random.integers(0, whole.height - SIDE))
                way = list(WAYS)[i % len(WAYS)]
                suffix, change, options = WAYS[way]
                patch = change(whole.crop((x, y, x + SIDE, y + SIDE)))
                patch.save(place / "pictures" / part / name / f"{way}{i}.{suffix}", **options)
    return place


@pytest.mark.slow
def test_from_a_folder_of_photographs_to_answers(world, cnntrain, monkeypatch):
    monkeypatch.chdir(world)
    brick = Path("pictures/train/brick")
    (brick / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (brick / "notes.txt").write_text("taken in May")
    (brick / "cut.jpg").write_bytes((brick / "jpeg0.jpg").read_bytes()[:500])

    assert cnntrain("init", "images", "pictures", "-o", "mine.yaml").code == 0
    refused = cnntrain("fit", "mine.yaml")
    assert refused.code == 3
    assert "train/brick/cut.jpg: it is truncated" in refused.err
    changes = ("--set", "data.unreadable=skip", "--set", "epochs=12", "--set", "name=mine")
    fitted = cnntrain("fit", "mine.yaml", *changes)
    assert fitted.code == 0, fitted.err
    assert "passed over 2 files that are no pictures" in fitted.err
    assert "left out train/brick/cut.jpg: it is truncated" in fitted.err

    told = json.loads(cnntrain("evaluate", "runs/mine", "--json").out)
    assert told["count"] == 5 * 26
    assert told["accuracy"] > 0.8

    answers = cnntrain("predict", "runs/mine", "pictures/test/grass", "--csv")
    assert answers.code == 0, answers.err
    rows = list(csv.DictReader(io.StringIO(answers.out)))
    assert len(rows) == 26
    assert sum("grass" in row.values() for row in rows) > 20
