"""The same bytes whatever the surroundings."""

import subprocess

import pytest

from .conftest import recorded


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        ("--set", "compute.workers=1"),
        ("--set", "compute.workers=2"),
        ("--set", "compute.workers=5"),
        "OPENBLAS_NUM_THREADS=1",
        "OPENBLAS_NUM_THREADS=8",
        "PYTHONHASHSEED=1",
        "PYTHONHASHSEED=77",
        "LC_ALL=C",
        "TZ=Asia/Tokyo",
        "PYTHONOPTIMIZE=2",
        "taskset",
    ],
    ids=str,
)
def test_one_change(lab, change):
    command, environment = lab.command("run"), lab.environment
    if change == "taskset":
        command = ["taskset", "-c", "0", *command]
    elif isinstance(change, str):
        name, _, value = change.partition("=")
        environment = {**environment, name: value}
    else:
        command += change
    done = subprocess.run(command, cwd=lab.folder, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert recorded(lab.folder / "run") == lab.reference


def test_another_working_directory(lab, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    command = [
        part.replace("fault.yaml", str(lab.folder / "fault.yaml")) for part in lab.command("r")
    ]
    done = subprocess.run(command, cwd=elsewhere, env=lab.environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert recorded(elsewhere / "r") == lab.reference
