"""What a row says of its epoch."""

import pytest

from cnntrain.runs.rows import Row


@pytest.mark.parametrize(
    ("own", "average", "better"),
    [
        ((1.0, 0.5), (2.0, 0.4), "average"),
        ((1.0, 0.5), (0.5, 0.5), "own"),
        ((1.0, 0.4), (0.5, 0.5), "own"),
        ((1.0, None), (0.5, None), "average"),
        ((1.0, None), (1.0, None), "own"),
        ((1.0, 0.5), (None, None), "own"),
        ((None, None), (None, None), "own"),
    ],
)
def test_the_better_weights_are_those_with_the_smaller_error_or_loss(own, average, better):
    names = ("average_validation_loss", "average_validation_error")
    averages = dict(zip(names, average, strict=True))
    row = Row(1, 1, 1, 0.1, 1.0, None, *own, step_norm=0.1, **averages)
    assert row.better_weights == better
