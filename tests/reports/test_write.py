"""`cnntrain.report`: pages and figures as files."""

import re

import pytest

import cnntrain
from cnntrain.errors import NotFoundError, UsageError
from cnntrain.reports.evidence import Evidence


def test_the_page_of_a_run_lies_in_it(digits_run):
    assert cnntrain.report(digits_run) == [digits_run / "report.html"]
    assert (digits_run / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_a_list_of_one_run_is_that_run(digits_run):
    assert cnntrain.report([str(digits_run)]) == [digits_run / "report.html"]
    assert "The surest mistakes" in (digits_run / "report.html").read_text()


def test_the_files_are_those_written_the_page_first(digits_run, tmp_path):
    page, *figures = cnntrain.report(
        digits_run, str(tmp_path / "page.html"), figures=tmp_path / "figures", png=True
    )
    assert page == tmp_path / "page.html"
    assert sorted(figures) == sorted((tmp_path / "figures").iterdir())
    assert {path.suffix for path in figures} == {".svg", ".png"}


def test_classes_are_named_by_numbers_or_names(digits_run):
    by_number, by_name = (
        Evidence.of(digits_run, classes=classes).focus.classes for classes in ([8, 3], ["3", "8"])
    )
    assert by_number == by_name == (3, 8)


def test_several_runs_are_compared(digits_run, plane_run, tmp_path):
    (page,) = cnntrain.report([digits_run, plane_run], tmp_path / "page.html")
    assert "2 runs in 2 groups" in page.read_text()


def test_of_several_paths_those_without_a_run_are_told_or_an_error(digits_run, tmp_path):
    paths, page, told = [digits_run, tmp_path], tmp_path / "page.html", []
    with pytest.raises(NotFoundError, match="no run in"):
        cnntrain.report(paths, page)
    assert cnntrain.report(paths, page, skipped=told.append) == [page]
    assert told == [f"no run in {tmp_path}: passed over"]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"runs": []}, UsageError, "nothing to report on (name a run, several, or a sweep)"),
        ({"runs": "nowhere"}, NotFoundError, "no run in nowhere"),
        ({"png": True}, UsageError, "png=True needs figures="),
        ({"classes": [3]}, UsageError, "classes= takes two or three classes, found 1"),
        ({"classes": [3, 10]}, UsageError, "classes=: no class 10"),
        ({"sample": -1}, UsageError, "sample= -1 is not in the validation part"),
        ({"split": "tests"}, UsageError, "tests"),
    ],
)
def test_errors_name_arguments_and_leave_no_file(digits_run, tmp_path, arguments, kind, message):
    page = tmp_path / "page.html"
    with pytest.raises(kind, match=re.escape(message)):
        cnntrain.report(**{"runs": digits_run, "file": page} | arguments)
    assert not page.exists()


def test_what_is_for_one_run_is_not_for_several(digits_run, plane_run, tmp_path):
    runs = [digits_run, plane_run]
    with pytest.raises(UsageError, match=re.escape("classes= and sample= are for the report of")):
        cnntrain.report(runs, tmp_path / "page.html", sample=1)
    with pytest.raises(UsageError, match="2 runs have no place for a page in common"):
        cnntrain.report(runs)
