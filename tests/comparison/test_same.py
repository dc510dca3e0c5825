"""Whether two runs are the same, epoch by epoch."""

import json
import math
import shutil

import pytest

from cnntrain.comparison.same import difference

from .conftest import make_run


def test_same_runs_are_the_same(runs, cnntrain, tmp_path):
    shutil.copytree("a0", "copy")
    done = cnntrain("compare", "--same", "a0", "copy")
    assert (done.code, done.out) == (0, "the same\n")
    done = cnntrain("compare", "--same", "a0", "copy", "--json")
    assert (done.code, json.loads(done.out)) == (0, {"same": True, "difference": None})
    lone = cnntrain("compare", "--same", "a0", "nowhere")
    assert (lone.code, lone.err) == (10, "cnntrain: error: no run in nowhere\n")


def test_the_first_and_the_largest_difference(tmp_path, cnntrain):
    for name, cells in (("a", "1.0,5.0\n2,1.0,4.0"), ("b", "1.0,5.5\n2,1.0,8.0")):
        make_run(tmp_path / name)
        (tmp_path / name / "metrics.csv").write_text(f"epoch,x,y\n1,{cells}\n")
    found = difference(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (found.epoch, found.column, found.cells) == ("1", "y", ("5.0", "5.5"))
    assert (found.largest, found.largest_at) == (0.5, ("2", "y"))
    done = cnntrain("compare", "--same", tmp_path / "a", tmp_path / "b")
    assert done.code == 1
    assert done.out == (
        "first difference at epoch 1, y: 5.0 and 5.5\n"
        "largest relative difference 0.5, at epoch 2, y\n"
    )


def test_a_row_more_is_an_infinite_difference(tmp_path, cnntrain):
    make_run(tmp_path / "a", rows=2)
    make_run(tmp_path / "b", rows=3)
    found = difference(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (found.epoch, found.cells, found.largest) == ("3", ("none", "a row"), math.inf)
    done = cnntrain("compare", "--same", tmp_path / "a", tmp_path / "b", "--json")
    assert done.code == 1
    assert json.loads(done.out)["difference"] == {
        "epoch": "3",
        "column": "epoch",
        "cells": ["none", "a row"],
        "largest": None,
        "largest_at": ["3", "epoch"],
    }


@pytest.mark.parametrize("content", [None, b"epoch,x\n1\n", b"epoch\n1,2\n", b"\xff\xfe\x00"])
def test_damaged_metrics_are_exit_4(runs, cnntrain, tmp_path, content):
    path = tmp_path / "a0" / "metrics.csv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    done = cnntrain("compare", "--same", "a0", "a1")
    assert done.code == 4
    assert done.err.count("\n") == 1
