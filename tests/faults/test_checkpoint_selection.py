"""Which checkpoint a run goes on from, where files of it are lost, damaged or another run's."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from cnntrain import CheckpointError, DataError, RunExistsError, fit, load_config


def change(path, content=None):
    """Other contents for all names of a file: by default those it has, with one bit flipped."""
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if content is None else content)


def unlinked(path):
    """Give `path` a copy of its own."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def lose(run, pattern):
    for path in run.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("last", ["last", "epoch-0005"])
@pytest.mark.parametrize("best", ["best", "epoch-0004"])
@pytest.mark.parametrize("what", [change, lambda path: path.unlink()], ids=["damaged", "lost"])
def test_one_name_of_each_checkpoint_is_enough(stopped, what, best, last):
    for name in (best, last):
        path = stopped.folder / "run/checkpoints" / f"{name}.safetensors"
        unlinked(path)
        what(path)
    stopped.finish()


def test_a_row_that_is_damaged_is_trained_again(stopped):
    metrics = stopped.folder / "run/metrics.csv"
    text = metrics.read_text()
    metrics.write_text(text.replace("\n5,105,", "\n5,106,"))
    stopped.finish()


def test_no_damage_of_the_metrics_is_believed(stopped):
    """Prefixes, zeros at the end, rows twice, blanks: the right end, or exit 4 naming a line."""
    run, kept = stopped.folder / "run", stopped.folder / "kept"
    run.rename(kept)
    data = (kept / "metrics.csv").read_bytes()
    last = data.splitlines(keepends=True)[-1]
    damages = [data[:length] for length in range(0, len(data), 61)]
    damages += [data + bytes(100), data + last, data + data, data.replace(b",", b", ")]
    for damage in damages:
        subprocess.run(["cp", "-a", kept, run], check=True)
        (run / "metrics.csv").write_bytes(damage)
        said = stopped.resume()
        assert re.match("4: .*/metrics.csv:[1-6]: found .*, expected ", said) or said == ""
        if said == "":
            stopped.finish()
        shutil.rmtree(run)


def test_without_the_best_checkpoint_there_is_no_end(stopped):
    change(stopped.folder / "run/checkpoints/best.safetensors")
    before = (stopped.folder / "run/metrics.csv").read_bytes()
    assert stopped.resume().startswith("4: no checkpoint in ")
    assert (stopped.folder / "run/metrics.csv").read_bytes() == before


@pytest.mark.parametrize("status", ["stopped", "complete"])
@pytest.mark.parametrize(
    "lost", ["checkpoints", "checkpoints/*", "config.yaml", "events.jsonl", "metrics.csv"]
)
def test_what_is_lost_is_never_a_silent_restart(stopped, lost, status):
    run = stopped.folder / "run"
    if status == "complete":
        assert stopped.resume() == ""
    lose(run, lost)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert stopped.resume().startswith("4: ")
    config = load_config(stopped.folder / "fault.yaml")
    with pytest.raises(RunExistsError):
        fit(config, run=run)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("other", ["seed=3", "layers.conv1.filters=5", "a folder"])
def test_what_is_not_of_this_run_is_passed_over(stopped, other):
    there = stopped.folder / "run/checkpoints/epoch-0009.safetensors"
    if other == "a folder":
        there.mkdir()
    else:
        key, _, value = other.partition("=")
        config = load_config(stopped.folder / "fault.yaml", {key: int(value)})
        fit(config, run=stopped.folder / "other")
        shutil.copy(stopped.folder / "other/checkpoints/last.safetensors", there)
    stopped.finish()


def test_within_the_first_epoch_settings_alone_tell_another_runs_checkpoint(lab, stop_after):
    """There are no rows of metrics.csv yet."""
    for run, stop, seed in (("run", 5, 27), ("other", 9, 3)):
        config = load_config(lab.folder / "fault.yaml", {"seed": seed})
        ended = fit(config, run=lab.folder / run, progress=stop_after(lab.folder / run, stop))
        assert ended.epochs == 0
    name = "checkpoints/step-00000009.safetensors"
    shutil.copy(lab.folder / "other" / name, lab.folder / "run" / name)
    lab.finish()


def test_a_checkpoint_from_before_a_change_of_settings_is_the_runs_own(stopped, stop_after):
    """As if killed when config.yaml had the new patience, but no checkpoint yet."""
    patient = load_config(stopped.folder / "fault.yaml", {"early_stopping.patience": 4})
    run = stopped.folder / "run"
    assert fit(patient, run=run, resume=True, progress=stop_after(run, 106)).exit_code == 7
    lose(run, "checkpoints/step-*")
    lose(run, "checkpoints/last*")
    assert fit(patient, run=run, resume=True).exit_code == 0


def test_settings_that_only_config_yaml_has_are_no_change(stopped):
    path = stopped.folder / "run/config.yaml"
    path.write_text(path.read_text().replace("patience: 3", "patience: 4"))
    patient = load_config(stopped.folder / "fault.yaml", {"early_stopping.patience": 4})
    with pytest.raises(CheckpointError, match="its early_stopping.patience is not that of config"):
        fit(patient, run=stopped.folder / "run", resume=True)


@pytest.mark.parametrize("name", ["last", "best"])
def test_a_complete_run_is_repaired(stopped, name):
    assert stopped.resume() == ""
    path = stopped.folder / f"run/checkpoints/{name}.safetensors"
    unlinked(path)
    change(path)
    stopped.finish()


def test_a_complete_run_without_its_last_epoch_trains_it_again(stopped):
    assert stopped.resume() == ""
    change(stopped.folder / "run/checkpoints/last.safetensors")
    lose(stopped.folder / "run/checkpoints", "epoch-0006*")
    change(stopped.folder / "run/metrics.csv")
    stopped.finish()


def test_a_complete_run_on_data_that_have_changed_is_refused(lab):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 8, 8, 1)), np.arange(60) % 10

    def save(values):
        np.savez(lab.folder / "data.npz", x_train=values, y_train=y)

    save(x)
    data = {"source": "npz", "path": str(lab.folder / "data.npz"), "validation": 0.2}
    config = load_config(lab.folder / "fault.yaml", {"data": data})
    fit(config, run=lab.folder / "run")
    save(x + 1)
    with pytest.raises(DataError, match="the data have changed since epoch-"):
        fit(config, run=lab.folder / "run", resume=True)
