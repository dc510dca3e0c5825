"""Tables that fit the terminal, whatever they hold."""

import csv
import io

import pytest

from cnntrain.cli.layout import Column, end_of, fitting, table_text, transposed

from ..comparison.conftest import make_run

WIDTHS = (60, 80, 160)


def widest(text):
    return max(map(len, text.splitlines()))


def test_titles_stand_on_two_lines_and_where_space_is_short_on_more():
    titles = ["validation error at best", "n"]
    columns = [Column("run", ["a", "bcd"], left=True), *(Column(t, ["7 %"] * 2) for t in titles)]
    assert table_text(columns, 80).splitlines() == [
        "        validation",
        "run  error at best    n",
        "a              7 %  7 %",
        "bcd            7 %  7 %",
    ]
    assert table_text(columns, 20).splitlines() == [
        "     validation",
        "       error at",
        "run        best    n",
        "a           7 %  7 %",
        "bcd         7 %  7 %",
    ]


def test_dotted_titles_are_cut_only_where_space_is_short():
    columns = [Column("learning_rate.initial", ["0.1"]), Column("n", ["3"])]
    assert table_text(columns, 80).splitlines()[0] == "learning_rate.initial  n"
    assert table_text(columns, 20).splitlines() == [
        "learning_rate.",
        "       initial  n",
        "           0.1  3",
    ]


def test_what_can_be_spared_goes_first():
    columns = [
        Column("a", ["x" * 10]),
        Column("b", ["x" * 10], spare=1),
        Column("c", ["x" * 10], spare=2),
    ]
    assert fitting(columns, 34) == columns
    assert fitting(columns, 33) == columns[:2]
    assert fitting(columns, 10) == columns[:1]
    assert fitting(columns, 9) is None
    assert fitting([], 1) == []


def test_settings_of_many_runs_become_paragraphs():
    rows = {"batch_size": ["16"] * 30, "optimizer.beta1": ["-", *["0.9"] * 29]}
    text = transposed([f"run-{k}" for k in range(30)], rows, 60)
    assert text.splitlines()[:4] == [
        "run-0", "  batch_size=16", "run-1", "  batch_size=16  optimizer.beta1=0.9",
    ]  # fmt: skip
    assert widest(transposed(["a", "b"], {"x": ["y" * 300, "z z"]}, 60)) <= 60


def test_of_a_long_name_the_end_is_left():
    assert end_of("runs/a/very/long/name", 10) == "...ng/name"
    assert end_of("short", 10) == "short"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize("runs", [2, 3, 12])
def test_compared_runs_fit_and_csv_cuts_nothing(
    tmp_path, monkeypatch, cnntrain, width, count, runs
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(width))
    value = "long/" * 100
    for number in range(runs):
        path = make_run(tmp_path / "runs" / f"{'x' * 50}-{number}")
        with (path / "config.yaml").open("a") as file:
            file.write(f"data: {{path: '{value}{number}'}}\n")
            file.writelines(f"key_{k}.inner: {number + k}\n" for k in range(count - 1))
    paths = sorted(f"runs/{path.name}" for path in (tmp_path / "runs").iterdir())
    done = cnntrain("compare", *paths)
    assert done.code == 0, done.err
    assert widest(done.out) <= width
    assert done.out.replace("\n", "").replace(" ", "").count(f"{value}0") == 1
    rows = list(csv.DictReader(io.StringIO(cnntrain("compare", *paths, "--csv").out)))
    assert {row["data.path"] for row in rows} == {f"{value}{number}" for number in range(runs)}
    assert [row["run"] for row in rows] == paths
