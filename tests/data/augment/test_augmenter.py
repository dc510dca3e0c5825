"""What becomes of a sample depends on the seed, the epoch and the sample alone."""

import numpy as np
import pytest

from cnntrain.data.augment import Augmenter
from cnntrain.data.augment.erase import Erase
from cnntrain.data.augment.flip import Flip

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
