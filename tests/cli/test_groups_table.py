"""The table of a sweep, on terminals of several widths."""

import pytest

from cnntrain.cli.groups_table import groups_table
from cnntrain.comparison.estimate import Estimate
from cnntrain.sweeps.groups import Group


def group(settings, loss):
    measures = ("train_loss", "validation_loss", "validation_error", "train_risk", "final_risk")
    estimates = {name: Estimate.of([loss, 1.1 * loss]) for name in measures}
    return Group(settings, n=2, diverged=0, learned=2, **estimates)


@pytest.mark.parametrize("width", [60, 80, 160])
@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize("groups", [2, 12])
def test_it_fits_and_holds_every_setting(monkeypatch, width, count, groups):
    monkeypatch.setenv("COLUMNS", str(width))
    found = [
        group({f"layers.conv{k}.filters": 1000 * number + k for k in range(count)}, 0.1 + number)
        for number in range(groups)
    ]
    text = groups_table(found, "validation_loss", found[1])
    assert max(map(len, text.splitlines())) <= width
    for number in range(groups):
        assert f"{1000 * number + count - 1}" in text
    assert text.count("*") == 1
    assert "1.1550 ± 0.0778" in text


def test_long_values_stand_below_the_table_by_number(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    layers = [{"type": "dense", "units": k} for k in range(30)]
    found = [group({"layers": layers[: 10 * k]}, 0.5) for k in (1, 2)]
    text = groups_table(found, "train_risk")
    assert max(map(len, text.splitlines())) <= 60
    assert "\nlayers\n  1  [{type: dense, units: 0}, " in text
    assert "units: 19}]" in text


def test_bars_are_as_long_as_there_is_room(monkeypatch):
    found = [group({"a": 1}, 0.1), group({"a": 2}, 0.2)]

    def bar(width):
        monkeypatch.setenv("COLUMNS", str(width))
        text = groups_table(found, "validation_loss")
        assert max(map(len, text.splitlines())) <= width
        assert ("bars: validation loss at best" in text) == ("#" in text)
        return max(line.count("#") for line in text.splitlines())

    assert bar(160) == bar(100) == 24
    assert bar(84) == 18
    assert bar(70) == 0
