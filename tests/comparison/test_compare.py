"""Runs beside each other: tables and groups."""

import csv
import io
import json
import math
from pathlib import Path

import pytest

import cnntrain as package
from cnntrain.comparison.groups import grouped
from cnntrain.comparison.runs import read_run
from cnntrain.comparison.settings import varying_keys
from cnntrain.config import dump, load_config, resolved
from cnntrain.errors import CheckpointError, NotFoundError, UsageError
from cnntrain.resources import bundled

from .conftest import make_run


def test_runs_that_differ_in_the_seed_alone_make_one_row(runs, cnntrain):
    done = cnntrain("compare", *runs)
    assert done.code == 0, done.err
    first, second = [line.split("  ") for line in done.out.splitlines()[-3:-1]]
    cells = [cell.strip() for cell in first if cell]
    assert cells[:3] == ["a*", "2", "finished"]
    assert cells[5] == f"20.00 ± {100 * math.sqrt(0.02):.2f} %"
    assert [cell.strip() for cell in second if cell][-1] == "32"


def test_without_groups_the_seed_is_a_setting_like_others(runs, cnntrain):
    done = cnntrain("compare", "a0", "b0", "--json")
    first, second = map(json.loads, done.out.splitlines())
    assert first["settings"] == {"batch_size": 16}
    alone = [
        json.loads(line) for line in cnntrain("compare", "a1", "b0", "--json").out.split("\n")[:2]
    ]
    assert [entry["settings"] for entry in alone] == [
        {"seed": 1, "batch_size": 16},
        {"seed": 0, "batch_size": 32},
    ]


def test_json_and_csv_hold_means_deviations_and_n(runs, cnntrain):
    entry = json.loads(cnntrain("compare", *runs, "--json").out.splitlines()[0])
    assert entry["runs"] == ["a0", "a1"]
    assert (entry["n"], entry["seeds"]) == (2, [0, 1])
    assert entry["validation_error"]["mean"] == pytest.approx(0.2)
    assert entry["validation_error"]["deviation"] == pytest.approx(math.sqrt(0.02))
    assert entry["label"] == "a*"
    rows = list(csv.DictReader(io.StringIO(cnntrain("compare", *runs, "--csv").out)))
    assert [row["run"] for row in rows] == ["a*", "b0"]
    assert float(rows[0]["validation_error"]) == pytest.approx(0.2)
    assert float(rows[0]["validation_error_deviation"]) == pytest.approx(math.sqrt(0.02))
    assert (rows[0]["epochs"], rows[1]["epochs_deviation"]) == ("2", "")
    assert [row["batch_size"] for row in rows] == ["16", "32"]


def test_sort_and_where(runs, cnntrain, tmp_path):
    make_run(tmp_path / "c0", error=0.05, batch_size=8)

    def names(*options):
        lines = cnntrain("compare", *runs, "c0", "--csv", *options).out.splitlines()[1:]
        return [line.split(",")[0] for line in lines]

    assert names("--sort", "validation_error") == ["c0", "a*", "b0"]
    assert names("--sort", "batch_size") == ["c0", "a*", "b0"]
    assert names("--where", "status=finished") == ["a*", "c0"]
    assert names("--where", "batch_size=32", "--where", "epochs=2.0") == ["b0"]
    assert cnntrain("compare", *runs, "--where", "status=x").out == "no run is left\n"
    (header,) = cnntrain("compare", *runs, "--where", "status=x", "--csv").out.splitlines()
    assert header == cnntrain("compare", *runs, "--csv").out.splitlines()[0]


def test_conditions_on_runs_come_before_groups_and_those_on_means_after(runs, cnntrain):
    make_run(Path("a2"), error=0.8, seed=2, status="diverged")

    def found(*options):
        lines = cnntrain("compare", *runs, "a2", "--json", *options).out.splitlines()
        return [json.loads(line)["runs"] for line in lines]

    assert found() == [["a0", "a1", "a2"], ["b0"]]
    assert found("--where", "status=finished") == [["a0", "a1"]]
    assert found("--where", "seed=1") == [["a1"]]
    assert found("--where", "validation_error=0.2", "--where", "status=finished") == [["a0", "a1"]]
    assert found("--where", "batch_size=32", "--where", "n=1") == [["b0"]]
    assert found("--where", "status=diverged", "--sort", "seed") == [["a2"]]


def test_settings_called_as_results_are_told_apart(tmp_path, cnntrain):
    for name, epochs in (("a", 5), ("b", 9)):
        path = make_run(tmp_path / name)
        with (path / "config.yaml").open("a") as file:
            file.write(f"epochs: {epochs}\n")
    options = ("--csv", "--sort", "config.epochs", "--where", "config.epochs=9")
    done = cnntrain("compare", tmp_path / "a", tmp_path / "b", *options)
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (row["epochs"], row["config.epochs"]) == ("2", "9")
    header = done.out.splitlines()[0].split(",")
    assert len(set(header)) == len(header)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sort", "validation_eror"), "did you mean validation_error?"),
        (("--where", "nonsense=1"), "no column nonsense"),
        (("--where", "status"), "expected COLUMN=VALUE"),
        (("--where", "n=1", "--where", "n=2"), "--where n=2: n is there twice"),
        (("--csv", "--json"), "--csv cannot be combined with --json"),
        (("--same",), "--same compares two runs, found 3"),
        (("--same", "--force"), "--same cannot be combined with --force"),
        (("--same", "--csv"), "--same cannot be combined with --csv"),
    ],
)
def test_bad_options_are_one_line_and_exit_2(runs, cnntrain, options, message):
    done = cnntrain("compare", *runs, *options)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_what_is_no_run_is_passed_over(runs, cnntrain, tmp_path):
    (tmp_path / "empty").mkdir()
    done = cnntrain("compare", "a0", "empty", "nowhere", "a0/metrics.csv")
    assert done.code == 0
    assert done.err.splitlines() == [
        "no run in empty: passed over",
        "no run in nowhere: passed over",
        "no run in a0/metrics.csv: passed over",
    ]
    assert cnntrain("compare", "empty").code == 10


def test_a_run_counts_once_and_a_sweep_not_at_all(runs, cnntrain, tmp_path):
    make_run(tmp_path / "s")
    (tmp_path / "s" / "plan.json").touch()
    done = cnntrain("compare", "a0", "a0/", "s", "a0", "--json")
    assert json.loads(done.out)["n"] == 1
    assert done.err.splitlines() == [
        "a0/ is given twice: passed over",
        "s holds a sweep (its runs are in s/trials): passed over",
        "a0 is given twice: passed over",
    ]


@pytest.mark.parametrize("content", ["", "[", '{"status": "x", "epochs": []}', "[1]"])
def test_a_damaged_summary_is_exit_4(runs, cnntrain, tmp_path, content):
    (tmp_path / "a0" / "summary.json").write_text(content)
    done = cnntrain("compare", "a0")
    assert done.code == 4
    assert done.err.count("\n") == 1


def test_names_cannot_run_in_a_spreadsheet_or_steer_a_terminal(tmp_path, monkeypatch, cnntrain):
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "=cmd()")
    make_run(tmp_path / "\x1b[2J", batch_size=8)
    assert cnntrain("compare", "=cmd()", "--csv").out.splitlines()[1].startswith("'=cmd(),1,")
    for option in ((), ("--csv",), ("--json",)):
        assert "\x1b" not in cnntrain("compare", "=cmd()", "\x1b[2J", *option).out


def test_curves_are_all_epochs_in_long_format(runs, cnntrain, tmp_path):
    assert cnntrain("compare", *runs, "--curves", "curves.csv").code == 0
    rows = list(csv.reader((tmp_path / "curves.csv").read_text().splitlines()))
    assert rows[0] == ["run", "seed", "epoch", "train_loss"]
    assert rows[1:3] == [["a0", "0", "1", "1.5"], ["a0", "0", "2", "2.5"]]
    assert len(rows) == 7
    assert cnntrain("compare", "a0", "--curves", "no/where.csv").code == 5


def test_curves_replace_no_file_unless_forced_and_never_one_of_a_run(runs, cnntrain, tmp_path):
    (tmp_path / "curves.csv").write_text("mine")
    done = cnntrain("compare", *runs, "--curves", "curves.csv")
    assert (done.code, done.out) == (2, "")
    assert "curves.csv exists already, nothing was written (--force replaces it)" in done.err
    assert (tmp_path / "curves.csv").read_text() == "mine"
    assert cnntrain("compare", *runs, "--curves", "curves.csv", "--force").code == 0
    assert (tmp_path / "curves.csv").read_text().startswith("run,seed,epoch")
    before = (tmp_path / "a0" / "metrics.csv").read_bytes()
    (tmp_path / "link.csv").symlink_to("a0/metrics.csv")
    for place in ("a0/metrics.csv", "a0/new.csv", "b0/../a0/checkpoints/x", "link.csv"):
        done = cnntrain("compare", *runs, "--curves", place, "--force")
        assert done.code == 2
        assert f"{place} would be among the files of a run" in done.err
    assert (tmp_path / "a0" / "metrics.csv").read_bytes() == before


def test_settings_in_lists_are_compared_too(tmp_path):
    one = read_run(str(make_run(tmp_path / "a")))
    (tmp_path / "b").mkdir()
    other = make_run(tmp_path / "b" / "b")
    text = (other / "config.yaml").read_text().replace("units: 10", "units: 12")
    (other / "config.yaml").write_text(text)
    other = read_run(str(other))
    assert varying_keys([one.settings, other.settings]) == ["layers.dense1.units"]
    assert len(grouped([one, other])) == 2
    assert read_run(str(tmp_path)) is None


def test_of_a_section_that_some_lack_the_keys_inside_it_are_shown(tmp_path):
    runs = []
    for name, section in (("a", "{x: 1, y: 2}"), ("b", "{x: 1, y: 3}"), ("c", "none")):
        path = make_run(tmp_path / name)
        with (path / "config.yaml").open("a") as file:
            file.write(f"section: {section}\n")
        runs.append(read_run(str(path)).settings)
    assert varying_keys(runs) == ["section.y"]
    assert varying_keys([runs[0], runs[2]]) == ["section"]


@pytest.mark.parametrize("path", sorted(bundled("configs").glob("*.yaml")), ids=lambda p: p.stem)
def test_settings_are_those_of_the_config(tmp_path, path):
    config = load_config(path)
    run = make_run(tmp_path / "a")
    (run / "config.yaml").write_text(dump(config))
    assert read_run(str(run)).settings == resolved(config)


def test_a_config_that_is_none_is_damage(tmp_path):
    make_run(tmp_path / "a")
    (tmp_path / "a" / "config.yaml").write_text("a: [")
    with pytest.raises(CheckpointError, match="is not a config as a run writes it"):
        read_run(str(tmp_path / "a"))
    (tmp_path / "a" / "config.yaml").unlink()
    assert read_run(str(tmp_path / "a")) is None
    (tmp_path / "a" / "config.yaml").mkdir()
    with pytest.raises(CheckpointError, match="config.yaml is a directory"):
        read_run(str(tmp_path / "a"))


def test_from_python(runs, cnntrain, capsys):
    """The fields of an entry are the keys of its JSON; nothing is printed."""
    table = package.compare(map(Path, runs), sort="batch_size", where={"status": "finished"})
    assert table.settings == ("batch_size",)
    (entry,) = table.entries
    assert (entry.runs, entry.seeds, entry.n) == (("a0", "a1"), (0, 1), 2)
    assert entry.validation_error.mean == pytest.approx(0.2)
    assert (entry.test_error, table.mcnemar) == (None, None)
    assert capsys.readouterr() == ("", "")
    printed = json.loads(cnntrain("compare", *runs, "--json").out.splitlines()[0])
    assert json.loads(json.dumps(entry.as_json())) == printed


def test_from_python_a_path_without_a_run_is_an_error_unless_someone_is_told(runs):
    with pytest.raises(NotFoundError, match="no run in nowhere"):
        package.compare(["a0", "nowhere"])
    with pytest.raises(UsageError, match="a0 is given twice"):
        package.compare(["a0", "a0"])
    told = []
    table = package.compare(["a0", "nowhere"], skipped=told.append)
    assert [entry.runs for entry in table.entries] == [("a0",)]
    assert told == ["no run in nowhere: passed over"]


def test_values_are_found_as_they_are_shown(tmp_path, monkeypatch):
    """In YAML: true, none."""
    monkeypatch.chdir(tmp_path)
    for name, extra in (("a", "true"), ("b", "false")):
        with (make_run(tmp_path / name) / "config.yaml").open("a") as file:
            file.write(f"drop_last: {extra}\n")
    for wanted in (True, "true"):
        (entry,) = package.compare(["a", "b"], where={"drop_last": wanted}).entries
        assert entry.runs == ("a",)


def test_what_runs_were_warned_of_is_repeated(runs, cnntrain):
    for name in ("a0", "a1"):
        path = Path(name, "summary.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), "warnings": ["too few"]}))
    done = cnntrain("compare", *runs)
    assert done.code == 0
    assert done.err == "warning: a0 and 1 more: too few\n"


def test_metrics_are_results_where_a_run_measures_them(digits, cnntrain):
    settings = {"metrics": ["balanced_error", "macro_f1"], "epochs": 1}
    for name, rate in (("slow", 0.001), ("fast", 0.05)):
        package.fit(package.load_config(digits, {**settings, "learning_rate": rate}), run=name)
    package.fit(digits, run="plain")
    table = package.compare(["slow", "plain", "fast"], sort="macro_f1")
    assert [entry.label for entry in table.entries] == ["fast", "slow", "plain"]  # the best first
    worst = package.compare(["slow", "plain", "fast"], sort="balanced_error").entries[1]
    best = package.Run("slow").summary.early_stopping_point
    assert worst.estimate("balanced_error").mean == best.metrics["balanced_error"]
    assert worst.as_json()["macro_f1"]["mean"] == best.metrics["macro_f1"]
    assert "top5_error" not in table.results
    text = cnntrain("compare", "slow", "fast").out
    assert f"{100 * best.metrics['balanced_error']:.2f} %" in text
    assert f"{best.metrics['macro_f1']:.4f}" in text
    assert "macro_f1" not in cnntrain("compare", "plain", "--csv").out
