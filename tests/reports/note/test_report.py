"""The note's claims as figures."""

import math
import shutil
from pathlib import Path

import pytest

import cnntrain
from cnntrain.config import override
from cnntrain.reports.note.claims import CLAIMS
from cnntrain.reports.note.report import note
from cnntrain.reports.note.trials import Trials, last

from ...test_note import NOTE
from ..test_report import Page

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two short runs and one that diverges, in the folders of (a), (b) and (g)."""
    folder = tmp_path_factory.mktemp("note")
    for rate in (0.01, 0.1, 1e9):
        overrides = {"learning_rate": rate, "epochs": 2, "record_steps": 1}
        config = cnntrain.load_config(NOTE / "note.yaml")
        run = folder / f"a/rate-{rate:g}/seed-0"
        try:
            cnntrain.fit(override(config, overrides), run=run)
        except cnntrain.errors.DivergedError:
            assert rate == 1e9
        shutil.copytree(run, folder / f"b/batch-32/rate-{rate:g}/seed-0")
        shutil.copytree(run, folder / f"g/zeros/rate-{rate:g}/seed-0")
    return folder


def test_each_claim_is_in_the_words_of_the_document():
    text = " ".join(README.read_text().split())
    for claim in CLAIMS:
        assert f"**({claim.letter}) {claim.sentence}" in text
    assert [claim.letter for claim in CLAIMS] == [path.name[0] for path in sorted(NOTE.glob("?-*"))]


def test_a_section_for_each_claim_whose_runs_are_there(runs):
    page = Page(note(runs).html)
    assert [a["id"] for a in page.all("section")] == ["claim-a", "claim-b", "claim-g"]
    assert "9 runs" in page.text


def test_groups_are_named_in_words(runs):
    names = {group.name for group in Trials.of(runs / "b").groups}
    assert names == {"batch 32, rate 0.01", "batch 32, rate 0.1", "batch 32, rate 1e+09"}


def test_what_is_drawn_over_the_rate_is_in_metrics_csv(runs):
    svg = note(runs).figures[0].svg()
    points, beyond = svg.find(".//g[@class='points']"), svg.find(".//g[@class='beyond']")
    for rate, value in zip(points.get("data-x").split(), points.get("data-y").split(), strict=True):
        run = cnntrain.Run(runs / f"a/rate-{float(rate):g}/seed-0")
        assert float(value) == run.metrics["train_risk"][-1]
    assert beyond.get("data-x") == "1000000000.0"


def test_the_best_choice_of_a_group_is_drawn(runs):
    trials = Trials.of(runs / "b")
    risks = {name: last(group[0], "train_risk") for name, group in trials.runs.items()}
    assert math.inf in risks.values()
    assert list(trials.best_of("train_risk").runs) == [min(risks, key=risks.get)]


def test_a_folder_without_runs_is_an_error(tmp_path):
    with pytest.raises(cnntrain.errors.NotFoundError, match="no runs of the note"):
        note(tmp_path)
