"""Runs of one seed beside each other are repeats."""

import json
import shutil

import cnntrain as package

from .conftest import make_run


def test_repeats_of_a_seed_are_one_sample(runs, cnntrain, tmp_path):
    """Also copies, and a run that was cut short; means, deviations and n count seeds."""
    make_run(tmp_path / "r", error=0.1, seed=0)
    make_run(tmp_path / "cut", error=0.9, seed=0, status="interrupted", rows=1)
    shutil.copytree("a1", "copy")
    once = json.loads(cnntrain("compare", *runs, "--json").out.splitlines()[0])
    done = cnntrain("compare", "cut", *runs, "r", "copy", "--json")
    entry = json.loads(done.out.splitlines()[0])
    assert entry["runs"] == ["a0", "a1"]
    assert {**entry, "label": ""} == {**once, "label": ""}
    assert done.err.splitlines() == [
        "warning: cut, r repeat a0: same settings and seed, so only a0 counts",
        "warning: copy repeats a1: same settings and seed, so only a1 counts",
    ]
    table = package.compare(["cut", *runs, "r", "copy"])
    assert [f"warning: {warning}" for warning in table.warnings] == done.err.splitlines()


def test_a_repeat_with_other_results_is_said_to_be_one(runs, tmp_path):
    make_run(tmp_path / "r", error=0.2, seed=0)
    (warning,) = package.compare(["a0", "r"]).warnings
    assert warning == "r repeats a0, with other results: same settings and seed, so only a0 counts"


def test_with_repeats_alone_the_seed_is_a_setting_like_others(runs, tmp_path):
    shutil.copytree("a1", "copy")
    table = package.compare(["a1", "copy", "b0"])
    assert [entry.settings for entry in table.entries] == [
        {"seed": 1, "batch_size": 16},
        {"seed": 0, "batch_size": 32},
    ]
