"""configs/README.md: its gallery, its sweep and its job for Slurm."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from documents import DOCUMENTS, ROOT, blocks
from readme import section

from cnntrain.config import load_config

TEXT = DOCUMENTS["configs/README.md"]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """Stand-ins for Slurm: srun runs its arguments, scontrol writes down what it is told."""
    folder = tmp_path_factory.mktemp("slurm")
    for name, script in (
        ("srun", 'exec "$@"'),
        ("scontrol", 'echo "$@" >> scontrol.log'),
        ("cnntrain", f'exec {sys.executable} -m cnntrain "$@" --set epochs=30'),
    ):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "17"}


@pytest.mark.parametrize("part", blocks(TEXT, "yaml"), ids=lambda part: part.split(":")[0])
def test_what_is_shown_of_configs_fits_into_one(part, tmp_path):
    keys = set(re.findall(r"^[a-z_]+(?=:)", part, flags=re.MULTILINE))
    digits = (ROOT / "configs" / "digits.yaml").read_text()
    sections = re.split(r"^(?=[a-z_]+:)", digits, flags=re.MULTILINE)
    config = tmp_path / "config.yaml"
    config.write_text("".join(s for s in sections if s.split(":")[0] not in keys) + part)
    load_config(config)


@pytest.mark.slow
def test_a_slurm_job_out_of_time_is_queued_again_and_goes_on(
    slurm, tmp_path, monkeypatch, wait_for
):
    monkeypatch.chdir(tmp_path)
    (script,) = blocks(TEXT, "bash")
    config = (ROOT / "configs" / "digits.yaml").read_text().replace("patience: 5", "patience: 30")
    (tmp_path / "digits.yaml").write_text(config)
    run = tmp_path / "runs" / "slurm"
    job = subprocess.Popen(["bash", "-c", script], env=slurm, stdout=subprocess.DEVNULL)
    wait_for((run / "checkpoints" / "last.safetensors").exists, job)
    os.kill(json.loads((run / ".lock.json").read_text())["pid"], signal.SIGTERM)
    assert job.wait(60) == 143
    assert (tmp_path / "scontrol.log").read_text() == "requeue 17\n"
    again = subprocess.run(["bash", "-c", script], env=slurm, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "30" in again.stdout


def test_every_config_is_in_the_gallery():
    shown = re.findall(r"^\| \[([\w/-]+\.yaml)\]", TEXT, flags=re.MULTILINE)
    there = [path.relative_to(ROOT / "configs") for path in (ROOT / "configs").rglob("*.yaml")]
    assert sorted(shown) == sorted(map(str, there))


def test_the_accuracy_on_the_digits_is_the_same_everywhere():
    evaluation = section(DOCUMENTS["README.md"], "evaluation")
    (accuracy,) = re.findall(r"^accuracy +(\S+ %)", evaluation, flags=re.MULTILINE)
    rows = re.compile(r"^\| \W(?:configs/)?digits\.yaml.*$", flags=re.MULTILINE)
    for name in ("configs/README.md", "tests/README.md"):
        (row,) = rows.findall(DOCUMENTS[name])
        assert accuracy in row, name


def test_the_sweep_shown_suggests_a_rate_that_it_shows():
    lines = section(TEXT, "lr-sweep").splitlines()
    (marked,) = [line.split()[0] for line in lines if "  *  " in line]
    (suggested,) = [line.split()[2] for line in lines if line.startswith("suggested rate")]
    assert marked == suggested
