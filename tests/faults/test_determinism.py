"""The same bytes whatever the surroundings."""

import subprocess

import pytest

from .conftest import recorded


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "cores", "variables"),
    [
        (1, "0", {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}),
        (2, None, {"OPENBLAS_NUM_THREADS": "8", "PYTHONHASHSEED": "77", "LC_ALL": "C"}),
        (5, None, {"TZ": "Asia/Tokyo", "PYTHONOPTIMIZE": "2"}),
    ],
)
def test_other_surroundings(lab, workers, cores, variables):
    command = lab.command("run", "--set", f"compute.workers={workers}")
    if cores is not None:
        command = ["taskset", "-c", cores, *command]
    environment = {**lab.environment, **variables}
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
