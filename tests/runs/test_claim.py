"""A directory that a run takes: nothing in it is touched before it is known to be free or a run."""

import os
import shutil
import subprocess

import pytest

from cnntrain import CheckpointError, RunExistsError, StorageError, UsageError, fit, load_config

from ..run_files import all_digests, events

OURS = {"config.yaml": "name: mine\n", "metrics.csv": "epoch,loss\n1,2\n", "run.json": "{}"}


def look(folder):
    """All that could be seen to change: names, kinds, contents, times."""
    return {
        path: (path.lstat().st_mode, path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in [folder, *folder.rglob("*")]
    } | all_digests(folder)


@pytest.mark.parametrize(
    "files",
    [
        {".tmp-notes": "mine"},
        {"events.jsonl": "no line end"},
        {"metrics.csv": OURS["metrics.csv"], "run.json": "{}"},
        {"config.yaml": OURS["config.yaml"], "metrics.csv": OURS["metrics.csv"]},
        {"notes.txt": "mine", ".lock": ""},
    ],
    ids=lambda files: "+".join(files),
)
@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}], ids=str)
def test_a_directory_that_is_no_run_is_left_alone(digits, tmp_path, files, options):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    before = look(folder)
    with pytest.raises(UsageError, match="mine is not empty and holds no run"):
        fit(digits, run=folder, **options)
    assert look(folder) == before


def test_an_empty_directory_and_what_an_interrupted_start_left_are_taken(digits, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    assert fit(digits, run=folder).epochs == 2
    kept = {"run.json", "split.npz", "metrics.csv", ".lock"}  # config.yaml comes last
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / "metrics.csv").write_text((folder / "metrics.csv").read_text().splitlines()[0] + "\n")
    (folder / ".tmp-1-abcd").touch()
    assert fit(digits, run=folder).epochs == 2
    assert not (folder / ".tmp-1-abcd").exists()


LINKED = ["events.jsonl", "metrics.csv", "config.yaml", ".lock", "checkpoints", "control", "other"]


@pytest.mark.parametrize("name", LINKED)
def test_a_run_with_a_link_in_it_is_refused_and_nothing_changes(trained, digits, cnntrain, name):
    outside = trained.parent / "outside"
    path = trained / name
    if path.exists():
        path.rename(outside)
    else:
        outside.write_text("mine")
    path.symlink_to(outside)
    before = look(trained.parent)
    for command in (
        ["fit", digits, "--resume", "--set", "epochs=3", "--quiet"],
        ["fit", digits, "--overwrite", "--quiet"],
        ["evaluate", trained],
        ["watch", trained, "--once"],
        ["control", trained, "stop"],
        ["compare", trained],
    ):
        done = cnntrain(*command)
        assert done.code == 4, done
        assert f"{name} is a symbolic link; a run directory holds files and folders" in done.err
        assert done.err.count("\n") == 1
    assert look(trained.parent) == before


@pytest.mark.parametrize(
    ("name", "kind"),
    [("control/1", "a named pipe"), ("checkpoints/1", "a named pipe"), ("pipe", "a named pipe")],
)
def test_what_is_neither_file_nor_folder_is_refused(trained, digits, name, kind):
    os.mkfifo(trained / name)
    with pytest.raises(CheckpointError, match=f"{name} is {kind}"):
        fit(digits, run=trained, resume=True)


def test_folders_and_files_of_known_names_are_such(trained, digits):
    (trained / "control").rmdir()
    (trained / "control").touch()
    with pytest.raises(CheckpointError, match="control is a file"):
        fit(digits, run=trained, resume=True)
    (trained / "control").unlink()
    (trained / "summary.json").unlink()
    (trained / "summary.json").mkdir()
    with pytest.raises(CheckpointError, match=r"summary.json is a directory"):
        fit(digits, run=trained, resume=True)


def test_a_link_to_a_run_directory_is_what_its_user_wants(trained, digits):
    link = trained.parent / "elsewhere"
    link.symlink_to(trained)
    assert fit(digits, run=link, resume=True).epochs == 2


def test_a_copy_by_hard_links_is_not_written_to(trained, digits):
    more = {"record_steps": 1, "record_layers": True, "log": "tensorboard"}
    fit(load_config(digits, more), run=trained, overwrite=True)
    copy = trained.parent / "copy"
    subprocess.run(["cp", "-al", trained, copy], check=True)
    before = all_digests(copy)
    fit(load_config(digits, {**more, "epochs": 3}), run=trained, resume=True)
    assert all_digests(copy) == before
    assert len(events(trained)) > len(events(copy))


def test_a_loop_of_links_is_no_run(tmp_path, digits, cnntrain):
    (tmp_path / "loop").symlink_to("loop")
    for command in ("evaluate", "watch", "compare"):
        done = cnntrain(command, tmp_path / "loop")
        assert done.code == 10, done
        assert "cnntrain: error: no" in done.err
    with pytest.raises(StorageError, match="cannot make .*loop"):
        fit(digits, run=tmp_path / "loop")


# Starting over ------------------------------------------------------------------------------------


def test_to_start_over_removes_the_run_and_nothing_else(trained, digits, cnntrain):
    (trained / "notes.txt").write_text("mine")
    (trained / "checkpoints/notes.txt").write_text("mine")
    done = cnntrain("fit", digits, "--set", "epochs=1", "--overwrite", "--quiet")
    assert done.code == 0, done
    assert (trained / "metrics.csv").read_text().count("\n") == 2
    assert [event["event"] for event in events(trained)][:1] == ["start"]
    names = {path.name for path in (trained / "checkpoints").iterdir()}
    assert names == {"epoch-0001.safetensors", "best.safetensors", "last.safetensors", "notes.txt"}
    assert (trained / "notes.txt").read_text() == "mine"


def test_to_start_over_removes_the_tables_that_are_asked_for(digits):
    run, tables = digits.parent / "run", ("steps.csv", "layers.csv")
    fit(load_config(digits, {"record_steps": 1, "record_layers": True}), run=run)
    assert all((run / name).exists() for name in tables)
    fit(digits, run=run, overwrite=True)
    assert not any((run / name).exists() for name in tables)


def test_to_start_over_needs_a_config_and_data_that_are_right(trained, digits, cnntrain):
    before = all_digests(trained)
    wrong = [
        "--set",
        "data.source=npz",
        "--set",
        "data.path=none.npz",
        "--set",
        "data.validation=0.1",
    ]
    assert cnntrain("fit", digits, "--overwrite", "--quiet", *wrong).code == 3
    assert all_digests(trained) == before


def test_to_start_over_and_to_resume_exclude_each_other(trained, digits, cnntrain):
    done = cnntrain("fit", digits, "--overwrite", "--resume")
    assert (done.code, done.err.count("\n")) == (2, 1)
    with pytest.raises(UsageError, match="either resumed or overwritten"):
        fit(digits, run=trained, resume=True, overwrite=True)


def test_the_directory_of_a_sweep_is_not_overwritten(trained, digits):
    (trained / "plan.json").write_text("{}")
    with pytest.raises(RunExistsError, match="holds a sweep"):
        fit(digits, run=trained, overwrite=True)
