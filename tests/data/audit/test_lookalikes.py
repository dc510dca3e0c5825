"""Look-alikes, against a comparison of all with all; what is found and what is not."""

import io

import numpy as np
import pytest
from PIL import Image

from cnntrain.data.audit import lookalikes as module
from cnntrain.data.audit.lookalikes import SIMILAR, lookalikes


def correlation(a, b):
    return np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1]


def jpeg(picture, quality):
    buffer = io.BytesIO()
    Image.fromarray(picture.squeeze()).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer)).reshape(picture.shape)


def counts(found):
    return {(one.part, one.other): one.count for one in found.counts if one.count}


def test_all_that_look_alike_are_found_and_no_others(dataset, photos):
    random = np.random.default_rng(0)
    x, y = photos(120)
    test, labels = photos(40, seed=1)
    for k in range(0, 40, 4):  # with more and more noise
        noise = random.normal(0, 0.1 + k / 4, test[k].shape)
        test[k] = np.clip(np.rint(x[3 * k] + noise), 0, 255)
    found = lookalikes(dataset(train=(x, y), test=(test, labels)))
    slow = {
        k: max(correlation(picture, other) for other in x)
        for k, picture in enumerate(test)
        if not any(np.array_equal(picture, other) for other in x)
    }
    expected = {k for k, r in slow.items() if r >= SIMILAR}
    assert 3 < len(expected) < 10
    assert counts(found) == {("test", "train"): len(expected)}
    assert {pair.sample.index for pair in found.first} == expected
    for pair in found.first:
        assert pair.like.index == 3 * pair.sample.index
        assert pair.correlation == pytest.approx(slow[pair.sample.index])


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_sketch_is_that_of_a_comparison_of_all_with_all(seed, monkeypatch):
    monkeypatch.setattr(module, "TOGETHER", 7)
    random = np.random.default_rng(seed)
    centres = random.normal(size=(30, 64))
    a, b = (
        module._normed(centres[random.integers(0, 30, n)] + random.normal(0, 0.071, (n, 64)))
        for n in (90, 200)
    )
    products = a @ b.T
    best, place = module._nearest(a, b, same=False)
    near = products.max(axis=1) >= SIMILAR
    assert 10 < near.sum() < 90
    assert np.array_equal(best >= SIMILAR, near)
    assert np.array_equal(place[near], products.argmax(axis=1)[near])
    earlier = np.tril(b @ b.T, -1)
    best, place = module._nearest(b, b, same=True)
    near = earlier.max(axis=1) >= SIMILAR
    assert np.array_equal(best >= SIMILAR, near)
    assert np.array_equal(place[near], earlier.argmax(axis=1)[near])


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: jpeg(picture, 90),
        lambda picture: picture // 2 + 100,
        lambda picture: 255 - (255 - picture.astype(int)) * 8 // 10,
    ],
    ids=["JPEG", "less contrast", "brighter"],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_same_picture_stored_otherwise_is_found(dataset, photos, change, channels):
    x, y = photos(30, 24, 32, channels)
    other = np.stack([change(picture).astype(np.uint8) for picture in x[:5]])
    found = lookalikes(dataset(train=(x, y), validation=(other, y[:5])))
    assert counts(found) == {("validation", "train"): 5}
    assert [pair.like.index for pair in sorted(found.first, key=lambda p: p.sample.index)] == [
        *range(5)
    ]


def test_copies_are_no_lookalikes(dataset, photos):
    x, y = photos(20)
    x[7] = x[3]
    found = lookalikes(dataset(train=(x, y), test=(x[:5], y[:5])))
    assert counts(found) == {}


def test_within_a_part_each_looks_like_an_earlier_one(dataset, photos):
    x, y = photos(10)
    x[7] = x[3]
    x[7, 0, 0] ^= 3
    x[9] = x[3]
    x[9, 5, 5] ^= 3
    found = lookalikes(dataset(train=(x, y)))
    assert counts(found) == {("train", "train"): 2}
    assert {(p.sample.index, p.like.index) for p in found.first} <= {(7, 3), (9, 3), (9, 7)}
    assert found.differing == 1  # 7 is of class 1, 3 and 9 are of class 0


def test_of_different_classes_comes_before_different_parts_before_more_alike(dataset, photos):
    x, y = photos(12)
    x[5], x[6] = x[0], x[1]  # classes 2 and 0, 0 and 1
    x[5, 0, 0] ^= 1
    x[6, 0] += 9
    y[5] = 0
    test = x[[2]]
    test[0, 0] += 9
    found = lookalikes(dataset(train=(x, y), test=(test, y[[2]])))
    assert [(p.sample.part, p.sample.index) for p in found.first] == [
        ("train", 6),
        ("test", 0),
        ("train", 5),
    ]


def test_pictures_of_one_value_are_like_none(dataset, photos):
    x, y = photos(10)
    x[2:6] = np.array([10, 20, 30, 31]).reshape(4, 1, 1, 1)
    assert counts(lookalikes(dataset(train=(x, y), test=(x[2:4] + 1, y[:2])))) == {}


@pytest.mark.parametrize("shape", [(10, 64), (10, 1, 64, 1), (10, 7, 9, 1)])
def test_vectors_signals_and_tiny_pictures_are_not_compared(dataset, shape):
    x = np.random.default_rng(0).random(shape)
    assert lookalikes(dataset(train=(x, np.arange(10) % 3))) is None


def test_too_many_are_not_compared(dataset, photos, monkeypatch):
    x, y = photos(20)
    monkeypatch.setattr(module, "MOST", 19)
    assert lookalikes(dataset(train=(x, y))) is None
