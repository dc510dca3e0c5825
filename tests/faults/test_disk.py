"""Disks that are full, read-only, or gone."""

import resource
import shutil
import subprocess

import pytest

from .conftest import LONG

pytestmark = pytest.mark.slow


def limited(size):
    """For a child process: no file may become larger than `size` bytes."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def one_line(done, text):
    """Whether the command ended with exit 5 and one line that holds `text`."""
    assert done.returncode == 5, done.stderr
    assert done.stderr.startswith("cnntrain: error: cannot ")
    assert done.stderr.count("\n") == 1
    assert text in done.stderr
    return True


@pytest.mark.parametrize("size", [0, 100, 400, 700, 2_000, 6_000, 12_000, 15_000])
def test_files_that_may_not_grow(lab, tally, size):
    done = lab.run(lab.command("run"), preexec_fn=limited(size))
    if done.returncode != 0:
        assert one_line(done, "File too large")
        tally["full disks"] += 1
    lab.finish()


def test_of_failures_to_the_end_the_first_is_named(lab, wait_for):
    """No file may grow any more: neither metrics.csv nor what would tell of the end."""
    process = lab.start(lab.command("run", *LONG), stderr=subprocess.PIPE, text=True)
    metrics = lab.folder / "run/metrics.csv"
    wait_for((lab.folder / "run/checkpoints/last.safetensors").exists, process)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20, 20))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 5
    assert said.count("\n") == 1
    assert said.startswith("cnntrain: error: cannot write run/")
    assert ".tmp-" not in said
    assert metrics.read_bytes().endswith(b"\n")


@pytest.mark.system
@pytest.mark.parametrize("size", ["16k", "48k", "64k", "80k", "96k"])
def test_a_disk_that_is_full(lab, tally, size):
    """A file system of its own, of a few pages; with more space the run goes on."""
    disk = lab.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], check=True)
    try:
        done = lab.run(lab.command("disk/run"))
        no_space = "No space left on device" in done.stderr or "has space for" in done.stderr
        assert done.returncode in (0, 5), done.stderr
        assert (done.returncode == 5) == no_space
        assert done.stderr.count("\n") == (1 if no_space else 0)
        tally["full disks"] += done.returncode != 0
        subprocess.run(["mount", "-o", "remount,size=4m", "none", disk], check=True)
        lab.finish("disk/run")
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.system
def test_a_file_system_that_is_read_only(lab):
    disk = lab.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", disk], check=True)
    try:
        done = lab.run(lab.command("disk/run", "--set", "max_minutes=1e-9"))
        assert done.returncode == 7
        subprocess.run(["mount", "-o", "remount,ro", "none", disk], check=True)
        assert one_line(lab.run(lab.command("disk/run")), "Read-only file system")
        assert one_line(lab.run(lab.command("disk/other")), "Read-only file system")
        subprocess.run(["mount", "-o", "remount,rw", "none", disk], check=True)
        lab.finish("disk/run")
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("make", ["touch run", "ln -s nowhere/else run", "mkfifo run"])
def test_a_run_path_that_is_no_folder(lab, make):
    subprocess.run(make.split(), cwd=lab.folder, check=True)
    assert one_line(lab.run(lab.command("run")), "cannot make run: ")


def test_a_folder_that_vanishes_is_not_half_made_again(lab, wait_for):
    command = lab.command("run", *LONG)
    process = lab.start(command, stderr=subprocess.PIPE, text=True)
    run = lab.folder / "run"
    wait_for((run / "metrics.csv").exists, process)
    moved = run.rename(lab.folder / "moved")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 5, said
    assert said.splitlines()[-1].startswith("cnntrain: error: cannot ")
    assert "Traceback" not in said
    assert not run.exists()
    shutil.rmtree(moved)
