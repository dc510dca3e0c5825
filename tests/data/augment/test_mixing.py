"""Mixup and cutmix: inputs and targets, against a sample at a time."""

import numpy as np
import pytest

from cnntrain.data.augment import Augmenter
from cnntrain.data.augment.cutmix import Cutmix
from cnntrain.data.augment.flip import Flip
from cnntrain.data.augment.mixup import Mixup
from cnntrain.data.augment.rotate import Rotate
from cnntrain.data.augment.shift import Shift
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError
from cnntrain.randomness import as_symmetric_beta, words_at

CLASSES = 3
CASES = [
    Mixup(),
    Mixup(alpha=1.0, probability=0.6),
    Cutmix(),
    Cutmix(alpha=0.3, probability=1.0),
]
each = pytest.mark.parametrize("kind", CASES, ids=repr)


def words_of(kind, place, count, epoch, seed=0):
    words = words_at(0, kind.draws * count, "augment", kind.word(), place, seed, epoch)
    return words.reshape(count, kind.draws)


def mixed(kind, place, x, y, epoch):
    """Inputs (n, ...) and targets (n, d) of a whole part, of which a kind makes a sample each."""
    new_x, new_y = x.astype(np.float64), y.copy()
    words = words_of(kind, place, len(x), epoch)
    for k in range(len(x)):
        u = [float(word) / 2**64 for word in words[k]]
        if u[0] >= kind.probability:
            continue
        partner = (k + 1 + int(u[1] * (len(x) - 1))) % len(x)
        share = float(as_symmetric_beta(words[k : k + 1, 2:4], kind.alpha)[0])
        if isinstance(kind, Mixup):
            new_x[k] = share * x[k].astype(float) + (1 - share) * x[partner]
        else:
            height, width = x.shape[1:3]
            along = 1 - share if height == 1 else np.sqrt(1 - share)
            high, wide = 1 if height == 1 else round(along * height), round(along * width)
            top, left = int(u[4] * height) - high // 2, int(u[5] * width) - wide // 2
            covered = 0
            for i, j in np.ndindex(height, width):
                if top <= i < top + high and left <= j < left + wide:
                    new_x[k, i, j] = x[partner, i, j]
                    covered += 1
            share = 1 - covered / (height * width)
        new_y[k] = share * y[k] + (1 - share) * y[partner]
    return new_x, new_y


def as_stored(x, dtype):
    return (np.rint(x) if dtype == np.uint8 else x).astype(dtype)


@each
def test_samples_and_labels_are_what_the_formulas_say(part, kind):
    everyone = np.arange(len(part))
    augmenter = Augmenter([kind], part, 0, CLASSES)
    x, y = augmenter(part.x.copy(), everyone, 2), augmenter.targets(everyone, 2)
    right_x, right_y = mixed(kind, 0, part.x, np.eye(CLASSES)[part.y], 2)
    assert x.dtype == part.x.dtype
    rounding = 0.5 if x.dtype == np.uint8 else 0
    np.testing.assert_allclose(x, right_x, rtol=1e-6, atol=1e-6 + rounding)
    np.testing.assert_allclose(y, right_y, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-14)
    assert (x != part.x).any() and ((y > 0).sum(axis=1) == 2).any()


def test_a_partner_is_what_the_augmentations_before_make_of_it(part):
    kinds = [Flip(), Mixup(alpha=1.0), Cutmix(probability=1.0), Flip(axis="horizontal")]
    everyone = np.arange(len(part))
    x, y = part.x, np.eye(CLASSES)[part.y]
    x = Augmenter(kinds[:1], part, 0)(x.copy(), everyone, 2)
    for place in (1, 2):
        x, y = mixed(kinds[place], place, x, y, 2)
        x = as_stored(x, part.x.dtype)
    last = words_of(kinds[3], 3, len(part), 2)[:, 0] < 2**63
    x[last] = x[last][:, :, ::-1]
    augmenter = Augmenter(kinds, part, 0, CLASSES)
    found = augmenter(part.x.copy(), everyone, 2)
    np.testing.assert_allclose(found.astype(float), x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(augmenter.targets(everyone, 2), y, rtol=1e-12, atol=1e-15)


@each
def test_a_sample_does_not_depend_on_its_batch(part, kind):
    kinds, everyone = [Shift(pixels=1), kind], np.arange(len(part))
    augmenter = Augmenter(kinds, part, 0, CLASSES)
    whole_x, whole_y = augmenter(part.x.copy(), everyone, 2), augmenter.targets(everyone, 2)
    order = np.random.default_rng(1).permutation(len(part))
    for start in range(0, len(part), 7):
        some = order[start : start + 7]
        alone = Augmenter(kinds, part, 0, CLASSES)
        np.testing.assert_array_equal(alone.targets(some, 2), whole_y[some])
        np.testing.assert_array_equal(alone(part.x[some], some, 2), whole_x[some])


@each
def test_real_targets_are_mixed_as_inputs_are(kind):
    rng = np.random.default_rng(0)
    part = Part.whole(Examples(rng.normal(size=(40, 5, 5, 1)), rng.normal(size=(40, 2))))
    found = Augmenter([kind], part, 0).targets(np.arange(40), 1)
    _, right = mixed(kind, 0, part.x, part.y, 1)
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-15)


def test_without_mixing_labels_stay_labels(part):
    some = np.array([3, 1, 1])
    y = Augmenter([Flip()], part, 0, CLASSES).targets(some, 1)
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, part.y[some])


def test_no_sample_is_its_own_partner_and_all_others_are_equally_likely():
    words = words_at(0, 4 * 12000, "mix").reshape(-1, 4)
    for count in (2, 7):
        positions = np.arange(12000) % count
        partners = Mixup().partners(words, positions, count)
        assert (partners != positions).all()
        counts = np.bincount((partners - positions) % count, minlength=count)
        assert (np.abs(counts[1:] / 12000 - 1 / (count - 1)) < 0.02).all()
    assert Mixup().partners(words[:1], np.array([0]), 1) == [0]


def test_vectors_can_be_mixed_but_not_cut():
    part = Part.whole(Examples(np.arange(12.0).reshape(4, 3), np.arange(4) % 2))
    Mixup().check_input((3,))
    x = Augmenter([Mixup(alpha=1.0)], part, 0, 2)(part.x.copy(), np.arange(4), 1)
    right, _ = mixed(Mixup(alpha=1.0), 0, part.x, np.eye(2)[part.y], 1)
    np.testing.assert_allclose(x, right, rtol=1e-12)
    with pytest.raises(MisfitError, match="cutmix needs images or signals"):
        Cutmix().check_input((3,))


def test_a_part_is_augmented_some_samples_at_a_time(monkeypatch):
    x = np.random.default_rng(0).integers(0, 256, (90, 12, 12, 1), dtype=np.uint8)
    part, everyone = Part.whole(Examples(x, np.arange(90) % 3)), np.arange(90)
    kinds = [Rotate(), Mixup(alpha=1.0)]
    at_once = Augmenter(kinds, part, 0, 3)(x.copy(), everyone, 1)
    monkeypatch.setattr("cnntrain.data.augment.augmenter.ENTRIES", 1000)
    in_blocks = Augmenter(kinds, part, 0, 3)(x.copy(), everyone, 1)
    np.testing.assert_array_equal(in_blocks, at_once)
