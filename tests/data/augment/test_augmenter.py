"""What becomes of a sample depends on the seed, the epoch and the sample alone."""

import hashlib

import numpy as np
import pytest

from cnntrain.data.augment import AUGMENTATIONS, Augmenter
from cnntrain.data.augment.erase import Erase
from cnntrain.data.augment.flip import Flip
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.randomness import as_index, words_at

KINDS = (Flip(), Erase(fraction=0.3, fill="random"), Flip(alternating=True))


@pytest.fixture
def whole(part):
    """The part in epoch 2."""
    return Augmenter(KINDS, part, 0)(part.x.copy(), np.arange(len(part)), 2)


def test_a_sample_does_not_depend_on_its_batch_nor_on_what_was_asked_before(part, whole):
    augmenter = Augmenter(KINDS, part, 0)
    order = np.random.default_rng(1).permutation(len(part))
    for start in range(0, len(part), 7):
        some = order[start : start + 7]
        augmenter(part.x[some], some, 1 + start % 3)
        np.testing.assert_array_equal(augmenter(part.x[some], some, 2), whole[some])


@pytest.mark.parametrize(("seed", "epoch"), [(1, 2), (0, 1), (0, 3)])
def test_another_seed_or_epoch_gives_other_samples(part, whole, seed, epoch):
    x = Augmenter(KINDS, part, seed)(part.x.copy(), np.arange(len(part)), epoch)
    assert (x != whole).any()


def test_they_are_applied_in_their_order(part):
    kinds = (Erase(fraction=0.3), Flip(probability=1.0))
    everyone = np.arange(len(part))
    erased = Augmenter(kinds[:1], part, 0)(part.x.copy(), everyone, 1)
    both = Augmenter(kinds, part, 0)(part.x.copy(), everyone, 1)
    np.testing.assert_array_equal(both, erased[:, :, ::-1])


def test_equal_kinds_at_two_places_draw_for_themselves(part, whole):
    flip = Flip()
    once = Augmenter([flip], part, 0)(part.x.copy(), np.arange(len(part)), 1)
    twice = Augmenter([flip, flip], part, 0)(part.x.copy(), np.arange(len(part)), 1)
    assert (once != part.x).any() and (twice != part.x).any()


# The first digits of SHA-256.
PINNED = {
    "flip": "db9191d87aac3a4f",
    "shift": "579871e328f54a39",
    "crop": "146683f067684b1a",
    "rotate": "0dbab32a87e00b39",
    "zoom": "af35440f6d6b2c22",
    "brightness": "5aa96b8f9e161b8c",
    "contrast": "fcb24b8ae4580794",
    "saturation": "7585d74673940d05",
    "noise": "1fb0775711877c53",
    "erase": "430929bba7519e9a",
    "mixup": "e8c484137ebdda88",
    "cutmix": "ee5f4db14668ed55",
}


@pytest.mark.parametrize("word", PINNED)
def test_the_bytes_are_the_same_on_every_machine(word):
    words = words_at(0, 60 * 6 * 5 * 3, "pinned")
    x = as_index(words, 256).astype(np.uint8).reshape(60, 6, 5, 3)
    part = Part.whole(Examples(x, np.arange(60) % 4))
    values = {"type": word, "fraction": 0.3} if word == "erase" else word
    digest = hashlib.sha256()
    augmenter = Augmenter([AUGMENTATIONS.validate(values)], part, 1, 4)
    digest.update(augmenter(x.copy(), np.arange(60), 2).tobytes())
    digest.update(augmenter.targets(np.arange(60), 2).tobytes())
    assert digest.hexdigest()[:16] == PINNED[word]
