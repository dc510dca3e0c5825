"""How a run stands, in words."""

import pytest

from cnntrain.runs.beat import Beat
from cnntrain.runs.rows import Row
from cnntrain.runs.standing import (
    beat_text,
    best_text,
    epoch_cells,
    measured_best,
    status_text,
)
from cnntrain.runs.summary import Summary

ROW = Row(3, 60, 3840, 0.05, 0.25, 0.125, 0.5, 0.25, 1e-3, balanced_error=0.3)
BARE = Row(3, 60, 3840, 0.05, 0.25, None, None, None, 1e-3)
BEAT = Beat(
    epoch=4, epochs=60, batch=1000, batches=2000, step=7000, learning_rate=0.05, loss=0.2, error=0.1
)


def summary(row):
    made = Summary(status="running")
    made.add(row, best=True)
    return made


@pytest.mark.parametrize(
    ("status", "reason", "live", "text"),
    [
        ("running", None, True, "running"),
        ("running", None, False, "dead: its process is gone (fit(resume=True) goes on)"),
        ("stopped", "by hand", False, "stopped: by hand"),
        ("x\x1b", "y\x1b", False, "x\\x1b: y\\x1b"),
    ],
)
def test_a_status_says_why(status, reason, live, text):
    assert status_text(Summary(status=status, stop_reason=reason), live) == text


def test_the_best_epoch_has_its_error_beside_its_loss():
    best = measured_best(summary(ROW))
    assert best_text(best) == (
        "epoch 3, validation error 25.00 %, validation loss 0.5000, balanced error 30.00 %"
    )


def test_without_validation_no_epoch_is_the_best():
    assert measured_best(summary(BARE)) is None
    assert measured_best(Summary(status="running")) is None


def test_how_far_an_epoch_has_come():
    told = "epoch 4/60, step 1,000/2,000: loss 0.2000"
    assert beat_text(BEAT) == f"{told}, error 10.00 %, rate 0.05"
    assert beat_text(BEAT.model_copy(update={"error": None})) == f"{told}, rate 0.05"


def test_a_table_has_the_columns_that_hold_something():
    cells = epoch_cells([ROW])
    assert {name: cell(ROW) for name, cell in cells.items()} == {
        "train loss": "0.2500",
        "train error": "12.50 %",
        "valid. loss": "0.5000",
        "valid. error": "25.00 %",
        "balanced": "30.00 %",
        "rate": "0.05",
    }
    assert list(epoch_cells([BARE])) == ["train loss", "rate"]
