"""`fit` on real data: the files it leaves, what they say, and that they are reproducible."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml

import cnntrain as package
from cnntrain.data import load_dataset
from cnntrain.nn.engines.choice import engine

from ..run_files import all_digests, digest, digests, events

COLUMNS = [
    "epoch",
    "step",
    "samples",
    "learning_rate",
    "train_loss",
    "train_error",
    "validation_loss",
    "validation_error",
    "step_norm",
]


def rows(run):
    with (run / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_run_directory_holds_every_file_of_the_design(trained):
    files = {str(path.relative_to(trained)) for path in trained.rglob("*") if path.is_file()}
    assert files == {
        ".lock",
        "config.yaml",
        "run.json",
        "split.npz",
        "metrics.csv",
        "timings.csv",
        "events.jsonl",
        "summary.json",
        "checkpoints/epoch-0001.safetensors",
        "checkpoints/epoch-0002.safetensors",
        "checkpoints/best.safetensors",
        "checkpoints/last.safetensors",
    }


def test_run_json_says_which_engine_ran_and_how_many_workers(trained):
    provenance = json.loads((trained / "run.json").read_text())
    assert (provenance["engine"], provenance["workers"] >= 1) == (engine().name, True)


def test_metrics_have_one_row_an_epoch(trained):
    table = rows(trained)
    assert list(table[0]) == COLUMNS
    assert [row["epoch"] for row in table] == ["1", "2"]
    count = len(np.load(trained / "split.npz")["train"])
    assert [int(row["samples"]) for row in table] == [count, 2 * count]
    assert [int(row["step"]) for row in table] == [math.ceil(count / 64), 2 * math.ceil(count / 64)]
    assert float(table[1]["train_loss"]) < float(table[0]["train_loss"])


def test_the_recorded_validation_risk_is_that_of_the_saved_parameters(trained):
    model = package.load_checkpoint(trained / "checkpoints" / "last.safetensors")
    dataset = load_dataset(model.config.data)
    part = dataset.validation
    total, outputs = model.network.measure(model.w, dataset.samples(part))
    last = rows(trained)[-1]
    assert float(last["validation_loss"]) == total.risk
    assert float(last["validation_error"]) == np.mean(outputs.argmax(axis=1) != part.y)


def test_metrics_are_columns_where_they_are_asked_for_or_watched(digits):
    settings = {"metrics": ["top5_error"], "early_stopping": {"monitor": "macro_f1"}}
    summary = package.fit(package.load_config(digits, settings), run="run")
    table = rows(digits.parent / "run")
    assert list(table[0]) == [*COLUMNS, "macro_f1", "top5_error"]
    found = package.evaluate("run/checkpoints/last.safetensors", "validation")
    assert float(table[-1]["macro_f1"]) == found.macro_f1
    assert float(table[-1]["top5_error"]) == found.top5_error
    best = summary.early_stopping_point
    largest = max(table, key=lambda row: (float(row["macro_f1"]), -float(row["validation_loss"])))
    assert str(best.epoch) == largest["epoch"]
    assert best.metrics == {name: float(largest[name]) for name in ("macro_f1", "top5_error")}
    assert package.Run("run").metrics["macro_f1"].shape == (2,)


def test_the_step_norm_is_the_length_of_the_last_step(digits):
    """One epoch of two steps against the same steps taken by hand."""
    overrides = {"epochs": 1, "batch_size": 1000, "optimizer": {"type": "sgd"}, "seed": 3}
    config = package.load_config(digits, overrides=overrides)
    package.fit(config, run="run")
    dataset = load_dataset(config.data)
    network = package.build_network(config, dataset.input_shape, dataset.outputs)
    from cnntrain.data import Batches

    w = network.initial_parameters(3)
    batches = Batches(len(dataset.train), 1000, 3, False)
    for step, positions in enumerate(batches.batches(1)):
        samples = dataset.samples(dataset.train, positions)
        _, gradient, _ = network.totals_and_gradient(w, samples, (3, 1, step))
        before = w.copy()
        w -= np.float32(0.05) * gradient
    row = rows(digits.parent / "run")[0]
    step = np.linalg.norm(w.astype(np.float64) - before)
    assert float(row["step_norm"]) == pytest.approx(step, rel=1e-12)
    saved = package.load_checkpoint("run/checkpoints/last.safetensors").w
    np.testing.assert_array_equal(saved, w)


def test_a_short_last_batch_counts_by_its_size(digits):
    """The running training loss is a mean over samples, not over batches."""
    config = package.load_config(
        digits, overrides={"epochs": 1, "batch_size": 1000, "learning_rate": 1e-30}
    )
    package.fit(config, run="run")
    dataset = load_dataset(config.data)
    network = package.build_network(config, dataset.input_shape, dataset.outputs)
    w = network.initial_parameters(0)
    total, _ = network.measure(w, dataset.samples(dataset.train))
    assert float(rows(digits.parent / "run")[0]["train_loss"]) == pytest.approx(
        total.risk, rel=1e-6
    )


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_runs_are_byte_identical_whatever_the_workers(digits, cnntrain, workers):
    for run, count in (("a", 1), ("b", workers)):
        done = cnntrain("fit", digits, "--quiet", "--run", run, "--set", f"compute.workers={count}")
        assert done.code == 0, done.err
    assert digests(digits.parent / "a") == digests(digits.parent / "b")


def test_another_seed_gives_another_run_on_the_same_split(digits, cnntrain):
    for seed in (0, 1):
        cnntrain("fit", digits, "--quiet", "--run", f"s{seed}", "--set", f"seed={seed}")
    runs = [digits.parent / f"s{seed}" for seed in (0, 1)]
    assert digest(runs[0] / "metrics.csv") != digest(runs[1] / "metrics.csv")
    assert digest(runs[0] / "split.npz") == digest(runs[1] / "split.npz")


def test_the_resolved_config_fits_again_to_the_same_metrics(trained, cnntrain):
    done = cnntrain("fit", trained / "config.yaml", "--quiet", "--run", "again")
    assert done.code == 0, done.err
    again = trained.parent.parent / "again"
    assert (again / "metrics.csv").read_bytes() == (trained / "metrics.csv").read_bytes()


def test_the_summary_points_at_the_best_epoch(trained):
    summary = json.loads((trained / "summary.json").read_text())
    assert list(summary) == [
        "run",
        "seed",
        "exit_code",
        "status",
        "stop_reason",
        "epochs",
        "steps",
        "early_stopping_point",
        "last",
        "parameters",
        "seconds",
        "warnings",
    ]
    assert (summary["status"], summary["exit_code"], summary["epochs"]) == ("finished", 0, 2)
    table = rows(trained)
    best = min(table, key=lambda r: (float(r["validation_error"]), float(r["validation_loss"])))
    point = summary["early_stopping_point"]
    assert point["epoch"] == int(best["epoch"])
    assert point["validation_error"] == float(best["validation_error"])
    assert digest(trained / point["checkpoint"]) == digest(
        trained / "checkpoints" / "best.safetensors"
    )


def test_early_stopping_stops_and_keeps_the_best(digits, cnntrain):
    done = cnntrain(
        "fit", digits, "--quiet", "--json", "--set", "epochs=50", "--set", "checkpoint.keep=1",
        "--set", "early_stopping={patience: 2}", "--set", "learning_rate=0.2",
    )  # fmt: skip
    summary = json.loads(done.out)
    run = digits.parent / "runs" / "small"
    assert (done.code, summary["status"]) == (0, "early_stopped")
    errors = [float(row["validation_error"]) for row in rows(run)]
    assert len(errors) == summary["epochs"] < 50
    first_best = errors.index(min(errors)) + 1
    assert len(errors) == first_best + 2
    assert summary["early_stopping_point"]["validation_error"] == min(errors)
    kept = {path.name for path in (run / "checkpoints").iterdir()}
    best = summary["early_stopping_point"]["epoch"]
    assert kept == {
        f"epoch-{best:04d}.safetensors",
        f"epoch-{len(errors):04d}.safetensors",
        "best.safetensors",
        "last.safetensors",
    }
    assert events(run)[-1]["status"] == "early_stopped"


def test_without_validation_the_last_epoch_is_the_best(digits, cnntrain):
    done = cnntrain("fit", digits, "--quiet", "--json", "--set", "data.validation=none")
    summary = json.loads(done.out)
    assert summary["early_stopping_point"] == summary["last"]
    assert summary["last"]["validation_error"] is None
    row = rows(digits.parent / "runs" / "small")[-1]
    assert (row["validation_loss"], row["validation_error"]) == ("", "")


def test_a_scheduled_fall_of_the_rate_is_an_event(digits, cnntrain):
    cnntrain(
        "fit", digits, "--quiet", "--set", "epochs=3",
        "--set", "learning_rate={schedule: step, initial: 0.1, factor: 0.5, every: 2}",
    )  # fmt: skip
    run = digits.parent / "runs" / "small"
    assert [float(row["learning_rate"]) for row in rows(run)] == [0.1, 0.1, 0.05]
    change = events(run, "learning_rate")[0]
    assert (change["epoch"], change["old"], change["new"], change["cause"]) == (
        2, 0.1, 0.05, "schedule",
    )  # fmt: skip


def test_a_run_directory_is_not_overwritten(trained, digits, cnntrain):
    before = digest(trained / "metrics.csv")
    done = cnntrain("fit", digits, "--quiet")
    assert done.code == 12
    assert done.err == (
        "cnntrain: error: runs/small already holds a run "
        "(--resume goes on, --overwrite starts over, or choose another directory with --run)\n"
    )
    assert digest(trained / "metrics.csv") == before


def test_resuming_a_complete_run_changes_nothing(trained, digits, cnntrain):
    before = all_digests(trained)
    done = cnntrain("fit", digits, "--resume")
    assert done.code == 0
    assert "already complete" in done.err
    assert all_digests(trained) == before
    assert cnntrain("fit", "--resume", "--run", trained).code == 0


def test_resuming_with_other_settings_is_refused(trained, digits, cnntrain):
    done = cnntrain("fit", digits, "--resume", "--set", "batch_size=32", "--set", "seed=5")
    assert done.code == 2
    assert "other settings: seed 0 -> 5, batch_size 64 -> 32" in done.err
    workers = cnntrain("fit", digits, "--resume", "--set", "compute.workers=1")
    assert workers.code == 0  # changes no result


def test_resuming_where_there_is_no_run_starts_it(digits, cnntrain):
    assert cnntrain("fit", digits, "--quiet", "--resume").code == 0


def test_bad_data_leave_no_run_directory(digits, cnntrain):
    done = cnntrain("fit", digits, "--set", "data={source: npz, path: missing.npz}")
    assert done.code == 3
    assert not (digits.parent / "runs" / "small").exists()


def test_full_batch_learning_takes_one_step_an_epoch(digits, cnntrain):
    cnntrain("fit", digits, "--quiet", "--set", "batch_size=full")
    assert [row["step"] for row in rows(digits.parent / "runs" / "small")] == ["1", "2"]


def test_a_quadratic_loss_on_soft_max_outputs_learns(digits, cnntrain):
    done = cnntrain("fit", digits, "--quiet", "--set", "loss=quadratic", "--set", "epochs=4")
    assert done.code == 0, done.err
    assert float(rows(digits.parent / "runs" / "small")[-1]["validation_error"]) < 0.3


def test_fit_takes_a_path_a_mapping_or_a_config(digits):
    mapping = yaml.safe_load(digits.read_text())
    for run, config in (("a", digits), ("b", mapping), ("c", package.load_config(digits))):
        assert package.fit(config, run=run).status == "finished"
    assert digest(Path("a/metrics.csv")) == digest(Path("b/metrics.csv"))
    assert digest(Path("a/metrics.csv")) == digest(Path("c/metrics.csv"))


def test_nothing_is_shown_unless_asked_for(digits, capfd):
    package.fit(digits, run="silent")
    assert capfd.readouterr() == ("", "")
    package.fit(digits, run="shown", progress=package.ProgressBar())
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "2/2" in shown.err
