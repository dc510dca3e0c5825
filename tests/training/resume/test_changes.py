"""Resuming a run with other settings: what may change, what is refused, what can be forced."""

import json
import shutil

import numpy as np
import pytest

from cnntrain.config import load_config
from cnntrain.training.fit import fit as train
from cnntrain.training.resume.changes import Changes

from ...run_files import events

COSINE = "{schedule: cosine, initial: 0.05}"


def columns(run, *names):
    header, *rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    return [[row[header.index(name)] for name in names] for row in rows]


@pytest.fixture
def fit(digits, cnntrain):
    """`fit(run, "KEY=VALUE", ..., "--option")` from the config in `digits`."""

    def run(name, *given):
        options = []
        for text in given:
            options += [text] if text.startswith("--") else ["--set", text]
        return cnntrain("fit", digits, "--run", name, *options)

    return run


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("name", "other", "free"),
        ("compute.workers", 3, "free"),
        ("max_minutes", 5, "free"),
        ("log", "tensorboard", "free"),
        ("epochs", 3, "allowed"),
        ("epochs", 1, "refused"),  # one is done
        ("checkpoint.keep", 7, "allowed"),
        ("target_error", 0.1, "allowed"),
        ("seed", 1, "refused"),
        ("gradient_clip", 1.0, "refused"),
        ("start_from", "runs/other", "refused"),
        ("layers.conv1.rate_factor", 0.5, "refused"),
        ("batch_size", 32, "refused"),
        ("layers.conv1.filters", 5, "refused"),
        ("learning_rate", 0.01, "refused"),
        ("data.split_seed", 1, "refused"),
        ("early_stopping", {"patience": 2}, "refused"),
        ("early_stopping", {"monitor": "macro_f1"}, "fixed"),  # a column more
        ("early_stopping", {"monitor": "train_error"}, "refused"),
        ("learning_rate.on_plateau", {"monitor": "balanced_error"}, "fixed"),
        ("metrics", ["top5_error"], "fixed"),
        ("loss", {"type": "cross_entropy", "class_weights": "balanced"}, "refused"),
        ("evaluate_train", "full", "fixed"),
        ("average", {"decay": 0.9}, "fixed"),
        ("record_steps", 10, "fixed"),
        ("record_layers", True, "fixed"),
        ("compute.engine", "numpy", "refused"),
        ("compute.dtype", "float64", "fixed"),
    ],
)
def test_verdicts(digits, key, value, verdict):
    old, new = load_config(digits), load_config(digits, overrides={key: value})
    (change,) = Changes(old, new, epochs=1, allow=False).all
    assert change.verdict == verdict
    (change,) = Changes(old, new, epochs=1, allow=True).all
    assert change.verdict == ("forced" if verdict == "refused" else verdict)


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [
        (COSINE, "refused"),
        ("{schedule: polynomial, initial: 0.05}", "refused"),
        ("{schedule: one_cycle, initial: 0.01, maximum: 0.1}", "refused"),
        ("{schedule: step, initial: 0.05, every: 1}", "allowed"),
        ("{schedule: cosine_restarts, initial: 0.05}", "allowed"),
    ],
)
def test_epochs_may_change_where_no_schedule_depends_on_them(digits, rate, verdict):
    text = digits.read_text().replace("learning_rate: 0.05", f"learning_rate: {rate}")
    digits.write_text(text)
    old, new = load_config(digits), load_config(digits, overrides={"epochs": 9})
    assert [change.verdict for change in Changes(old, new, 1, False).all] == [verdict]
    phases = f"phases: [{{learning_rate: {rate}, until: {{epochs: 1}}}}, {{learning_rate: 0.1}}]\n"
    text = digits.read_text().replace(f"learning_rate: {rate}\n", phases)
    digits.write_text(text.replace("optimizer: {type: sgd, momentum: 0.9}\n", ""))
    old, new = load_config(digits), load_config(digits, overrides={"epochs": 9})
    assert [change.verdict for change in Changes(old, new, 1, False).all] == ["allowed"]


def test_more_epochs_go_on_with_a_finished_run(digits, fit):
    assert fit("run", "--quiet").code == 0
    more = fit("run", "epochs=4", "--resume")
    assert more.code == 0, more.err
    assert more.err.startswith("setting  was  now\nepochs   2    4    allowed\n")
    assert fit("straight", "epochs=4", "--quiet").code == 0
    here = digits.parent
    assert (here / "run/metrics.csv").read_bytes() == (here / "straight/metrics.csv").read_bytes()
    assert (here / "run/config.yaml").read_text().count("epochs: 4") == 1
    (event,) = events(here / "run", "settings")
    assert event["changes"] == [{"key": "epochs", "old": 2, "new": 4, "verdict": "allowed"}]
    assert "already complete" in fit("run", "epochs=4", "--resume").err


def test_metrics_may_change_where_the_columns_stay(digits):
    watched = {"early_stopping": {"monitor": "macro_f1"}}
    old, new = (load_config(digits, {**watched, "metrics": m}) for m in ("none", ["macro_f1"]))
    (change,) = Changes(old, new, epochs=1, allow=False).all
    assert (change.key, change.verdict) == ("metrics", "allowed")


def test_more_patience_goes_on_with_an_early_stopped_run(digits, fit):
    """Also with a rate that falls at saturation: its counter misses no epoch."""
    plateau = "{schedule: constant, initial: 0.05, on_plateau: {patience: 1, min_delta: 0.05}}"
    stopping = "early_stopping={patience: 1, min_delta: 0.5}"
    given = ("epochs=6", f"learning_rate={plateau}", "--quiet")
    first = fit("run", stopping, *given)
    assert "early_stopped" in first.out
    more = fit("run", stopping, "early_stopping.patience=3", *given, "--resume")
    assert more.code == 0, more.err
    assert fit("straight", stopping, "early_stopping.patience=3", *given).code == 0
    here = digits.parent
    assert (here / "run/metrics.csv").read_bytes() == (here / "straight/metrics.csv").read_bytes()
    assert len(columns(here / "run", "epoch")) > 2


def test_a_longer_last_phase_goes_on_with_a_finished_run(fit):
    phases = "phases=[{learning_rate: 0.1, until: {epochs: 1}}, {learning_rate: 0.01, until: %s}]"
    given = ("epochs=5", "--quiet", "--json")
    assert fit("run", *given, phases % "{epochs: 1}").code == 0
    done = fit("run", *given, phases % "{epochs: 2}", "--resume", "--allow-changes")
    summary = json.loads(done.out)
    assert (summary["epochs"], summary["stop_reason"]) == (
        3,
        "phase 2, the last one, is over (epochs)",
    )


def test_epochs_that_are_forced_below_those_done_train_no_more(fit):
    for _ in range(2):
        assert fit("run", "epochs=4", "max_minutes=1e-9", "--quiet", "--resume").code == 7
    done = fit("run", "epochs=1", "--quiet", "--json", "--resume", "--allow-changes")
    assert (done.code, json.loads(done.out)["epochs"]) == (0, 2)


def test_fewer_epochs_than_are_done_are_refused(digits, fit):
    assert fit("run", "--quiet").code == 0
    done = fit("run", "epochs=1", "--resume")
    assert done.code == 2
    assert "run was made with other settings: epochs 2 -> 1 (force them with" in done.err


def test_refused_settings_change_nothing_and_are_shown_among_the_others(digits, fit):
    assert fit("run", "--quiet").code == 0
    run = digits.parent / "run"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = fit("run", "epochs=4", "seed=1", "compute.workers=1", "--resume")
    assert done.code == 2
    assert done.err == (
        "setting          was   now\n"
        "seed             0     1    refused\n"
        "epochs           2     4    allowed\n"
        "compute.workers  auto  1    free\n"
        "cnntrain: error: run was made with other settings: seed 0 -> 1 (force them with "
        "--allow-changes, or choose another directory with --run)\n"
    )
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_what_the_files_do_not_allow_cannot_be_forced(fit):
    assert fit("run", "--quiet").code == 0
    done = fit("run", "evaluate_train=full", "epochs=3", "--resume", "--allow-changes")
    assert done.code == 2
    assert "evaluate_train running -> full (choose another directory" in done.err


def test_forced_settings_take_effect_after_the_last_whole_epoch(digits, fit, cnntrain):
    """Another batch size, rate and optimizer: the weights stay, its state starts anew."""
    assert fit("run", "max_minutes=1e-9", "epochs=3", "--quiet").code == 7
    run = digits.parent / "run"
    shutil.copytree(run, digits.parent / "kept")
    given = ("batch_size=32", "optimizer={type: adam}", f"learning_rate={COSINE}")
    done = fit("run", *given, "epochs=3", "--resume", "--allow-changes")
    assert done.code == 0, done.err
    assert "going on after step 21 from epoch-0001.safetensors" in done.err
    rows = columns(run, "epoch", "step", "learning_rate")
    assert [row[:2] for row in rows] == [["1", "21"], ["2", "62"], ["3", "103"]]
    # t counts epochs: the last step of epoch 2 is at t = 1 + 40/41 of 3.
    rate = 0.5 * 0.05 * (1 + np.cos(np.pi * (1 + 40 / 41) / 3))
    assert float(rows[1][2]) == pytest.approx(rate)
    first, second = (
        (folder / "metrics.csv").read_text() for folder in (digits.parent / "kept", run)
    )
    assert second.startswith(first)
    (event,) = events(run, "settings")
    assert {change["verdict"] for change in event["changes"]} == {"forced"}
    assert cnntrain("evaluate", run).code == 0


def test_a_run_stopped_within_its_first_epoch_starts_again_with_forced_settings(
    digits, fit, stop_after
):
    """There is no whole epoch to go on from; the checkpoint in the middle of one is dropped."""
    run, straight = digits.parent / "run", digits.parent / "straight"
    assert train(digits, run=run, progress=stop_after(run, 5)).exit_code == 7
    assert (run / "checkpoints/step-00000005.safetensors").exists()
    done = fit("run", "seed=5", "--resume", "--allow-changes", "--quiet")
    assert done.code == 0, done.err
    assert fit("straight", "seed=5", "--quiet").code == 0
    for name in ("metrics.csv", "checkpoints/last.safetensors"):
        assert (run / name).read_bytes() == (straight / name).read_bytes()


def test_a_diverged_run_goes_on_with_a_forced_rate(digits, fit):
    assert fit("run", "learning_rate=1e9", "--quiet").code == 6
    assert fit("run", "learning_rate=1e9", "--resume", "--quiet").code == 6
    done = fit("run", "learning_rate=0.05", "--resume", "--allow-changes", "--quiet")
    assert done.code == 0, done.err
    assert fit("straight", "--quiet").code == 0
    here = digits.parent
    assert (here / "run/metrics.csv").read_bytes() == (here / "straight/metrics.csv").read_bytes()


def test_layers_that_do_not_fit_the_weights_cannot_go_on(fit):
    assert fit("run", "--quiet").code == 0
    done = fit("run", "layers.conv1.filters=5", "epochs=3", "--resume", "--allow-changes")
    assert done.code == 4
    assert "epoch-0002.safetensors does not fit this run: conv1/weight" in done.err


def save_npz(path, seed=0):
    random = np.random.default_rng(seed)
    x = random.integers(0, 256, size=(60, 8, 8), dtype=np.uint8)
    np.savez(path, x_train=x, y_train=np.arange(60) % 10, x_test=x[:10], y_test=np.arange(10))


def test_data_may_move_but_not_change(digits, fit):
    here = digits.parent
    save_npz(here / "old.npz")
    save_npz(here / "moved.npz")
    save_npz(here / "other.npz", seed=1)
    text = digits.read_text().replace(
        "source: digits, validation: 0.1", "source: npz, path: old.npz"
    )
    digits.write_text(text)
    assert fit("run", "--quiet").code == 0
    moved = fit("run", "data.path=moved.npz", "epochs=3", "--resume", "--quiet")
    assert moved.code == 0, moved.err
    changed = fit("run", "data.path=other.npz", "epochs=4", "--resume", "--quiet")
    assert changed.code == 3
    assert "the data have changed since epoch-0003.safetensors was written" in changed.err


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_another_kind_of_machine_is_a_warning(engine, digits, fit):
    """Results are right there too, but not the same to the bit, except in C."""
    assert fit("run", "max_minutes=1e-9", f"compute.engine={engine}", "--quiet").code == 7
    path = digits.parent / "run" / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "numpy": "1.0.0"}))
    done = fit("run", f"compute.engine={engine}", "--resume")
    assert done.code == 0
    warns = record["engine"] == "numpy"
    assert ("warning: the run began with numpy 1.0.0, this is" in done.err) == warns
    assert len(events(digits.parent / "run", "warning")) == warns


def test_seconds_add_up_over_processes(digits, fit):
    assert fit("run", "max_minutes=1e-9", "--quiet").code == 7
    path = digits.parent / "run" / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "seconds": 1000.0}))
    assert fit("run", "--resume", "--quiet").code == 0
    assert json.loads(path.read_text())["seconds"] > 1000


@pytest.mark.parametrize("change", [{"fold": {"of": 3, "index": 1}}, {"group": "patient"}])
def test_other_parts_are_another_run(digits, change):
    data = {"source": "npz", "path": "a.npz", "fold": {"of": 3, "index": 0}}
    old, new = (load_config(digits, {"data": {**data, **more}}) for more in ({}, change))
    (found,) = Changes(old, new, epochs=0, allow=False).all
    assert (found.key, found.verdict) in [("data.fold.index", "refused"), ("data.group", "refused")]
