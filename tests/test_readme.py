"""README.md is right: what it shows runs, what it lists exists, what is generated is current."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnntrain as package
from cnntrain.cli.main import COMMANDS
from cnntrain.config import load_config
from cnntrain.config.reference import reference
from cnntrain.data import load_dataset

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def generator():
    spec = importlib.util.spec_from_file_location("readme", ROOT / "tests" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)


def shape(text):
    """`text` without its figures and the blanks that align them."""
    return re.sub(r"[\s\d.,*]+", " ", re.sub(r"\d+", "0", text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A directory in which the first example and those for the shell have been run, one after the
    other."""
    folder = tmp_path_factory.mktemp("readme")
    binaries = folder / "bin"
    binaries.mkdir()
    command = binaries / "cnntrain"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m cnntrain "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}
    first = re.findall(r"^\$ (.*)$", generator().section(TEXT, "transcript"), flags=re.MULTILINE)
    for script in [*first, *blocks("sh")]:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"
    return folder


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


def test_a_slurm_job_out_of_time_is_queued_again_and_goes_on(
    slurm, tmp_path, monkeypatch, wait_for
):
    monkeypatch.chdir(tmp_path)
    (script,) = blocks("bash")
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


def test_the_shell_examples_leave_their_runs(folder):
    runs = {path.name for path in (folder / "runs").iterdir()}
    seeds = {"seed-0", "seed-1", "seed-2"}
    assert runs == {"digits", "online", "wide", "digits-lr-sweep", "loop", *seeds}
    assert len((folder / "results.jsonl").read_text().splitlines()) == 3


def test_the_sweeps_that_are_shown_can_be_run(folder):
    text = "".join(blocks("text")).replace("\\\n", "")
    commands = re.findall(r"^(?:\$ )?(cnntrain (?:lr-)?sweep .*)$", text, flags=re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        plan = subprocess.run(
            ["bash", "-c", f"{command} --run shown --dry-run"],
            cwd=folder,
            env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert plan.returncode == 0, plan.stderr
        assert len(plan.stdout.splitlines()) in {27, 90}


def test_the_python_examples_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / "pictures" / name).mkdir(parents=True, exist_ok=True)
        for number in range(4):
            pixels = random.integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{number}.png")
    for code in blocks("python"):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, f"{code}\n{done.stderr}"
    path = folder / "pictures.yaml"
    path.write_text(
        (ROOT / "configs" / "digits.yaml")
        .read_text()
        .replace("source: digits", "source: npz\n  path: pictures.npz")
        .replace("test: 0.2", "test: 2")
        .replace("validation: 0.1", "validation: 2")
    )
    dataset = load_dataset(load_config(path).data)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.input_shape == (32, 32, 3)
    assert dataset.test.y.tolist() == [0, 1]


def test_the_recipe_for_pictures_is_short():
    (recipe,) = [code for code in blocks("python") if "PIL" in code]
    statements = [line for line in recipe.splitlines() if line and "import" not in line]
    assert len(statements) <= 12


def test_the_config_example_trains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("yaml")
    (tmp_path / "example.yaml").write_text(example)
    assert package.fit(load_config("example.yaml"))["status"] == "finished"


def test_the_reference_is_current():
    assert generator().section(TEXT, "reference").strip() == reference().strip(), "make readme"


def test_the_transcript_is_current():
    """Its words; its figures may differ on another kind of machine."""
    shown, fresh = generator().section(TEXT, "transcript"), generator().transcript()
    assert shape(shown.split("left\n")[0]) == shape(fresh.split("left\n")[0])
    tail = shown.index("$ cnntrain evaluate")
    assert shape(shown[tail:]) == shape(fresh[fresh.index("$ cnntrain evaluate") :])


def test_every_command_and_make_target_exists():
    names = {str(command.name) for command in COMMANDS}
    shown = set(re.findall(r"^\| `cnntrain ([a-z-]+)", TEXT, flags=re.MULTILINE))
    assert shown == names
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make ([a-z-]+)", TEXT, flags=re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_the_exit_codes_are_those_of_the_errors():
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)}
    raised = {
        getattr(package, name).exit_code for name in package.__all__ if name.endswith("Error")
    }
    assert listed == raised | {0, 7, 8}


def test_the_python_names_exist():
    for name in re.findall(r"cnntrain\.([a-z_]+)\(", TEXT):
        assert name in package.__all__
