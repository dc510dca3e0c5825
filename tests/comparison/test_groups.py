"""Names for groups of runs."""

import pytest

from cnntrain.comparison.groups import label


@pytest.mark.parametrize(
    ("paths", "others", "expected"),
    [
        (["runs/a"], ["runs/b"], "runs/a"),
        (["runs/seed-0", "runs/seed-1"], ["runs/wide"], "runs/seed-*"),
        (["runs/seed-1", "runs/seed-10", "runs/seed-11"], [], "runs/seed-*"),
        (["0/run", "1/run"], ["x/other"], "*/run"),
        (["r/0-wide", "r/1-wide"], ["r/0-deep"], "r/*-wide"),
        (["runs/seed-0", "runs/seed-1"], ["runs/seed-0-wide"], "runs/seed-0 and 1 more"),
        (["runs/a", "runs/b", "runs/c"], [], "runs/a and 2 more"),
        (["a", "aa"], ["b"], "a*"),
        (["[x]0", "[x]1"], ["x2"], "[x]*"),
    ],
)
def test_a_group_is_called_by_what_its_runs_share(paths, others, expected):
    assert label(paths, others) == expected
