"""Mirror images, against a sample at a time."""

import numpy as np
import pytest

from cnntrain.data.augment.flip import Flip
from cnntrain.nn.shapes import MisfitError
from cnntrain.randomness import words_at


def mirrored(image, axis):
    """x (H, W, C), a pixel at a time."""
    height, width, _ = image.shape
    result = image.copy()
    for i in range(height):
        for j in range(width):
            result[i, j] = image[i, width - 1 - j] if axis == "horizontal" else image[-1 - i, j]
    return result


def choice(part, sample, epoch, probability, seed):
    """Whether a sample is flipped: its word as a fraction of 2^64."""
    words = words_at(0, len(part), "augment", "flip", 0, seed, epoch).tolist()
    return words[sample] / 2**64 < probability


@pytest.mark.parametrize("axis", ["horizontal", "vertical"])
@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_each_sample_is_itself_or_its_mirror_image(part, augmented, axis, probability):
    x = augmented(part, [Flip(axis=axis, probability=probability)], epoch=4, seed=9)
    assert x.dtype == part.x.dtype
    for sample, image in enumerate(part.x):
        flipped = choice(part, sample, 4, probability, 9)
        np.testing.assert_array_equal(x[sample], mirrored(image, axis) if flipped else image)


@pytest.mark.parametrize("probability", [0.3, 0.5])
def test_alternating_flips_take_the_opposite_of_the_epoch_before(part, augmented, probability):
    flip = Flip(alternating=True, probability=probability)
    for epoch in (1, 2, 3, 4):
        x = augmented(part, [flip], epoch)
        for sample, image in enumerate(part.x):
            flipped = choice(part, sample, 1, probability, 0) == (epoch % 2 == 1)
            np.testing.assert_array_equal(
                x[sample], mirrored(image, "horizontal") if flipped else image
            )


def test_vectors_and_what_has_no_top_are_refused():
    with pytest.raises(MisfitError, match="flip needs images or signals, found vectors of 9"):
        Flip().check_input((9,))
    with pytest.raises(MisfitError, match="vertical needs images of two rows at least") as caught:
        Flip(axis="vertical").check_input((1, 9, 2))
    assert caught.value.key == "axis"
    Flip().check_input((1, 9, 2))
