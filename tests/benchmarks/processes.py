"""Whole processes: start-up, memory, the loop around the steps, sweeps, many runs."""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from report import Report

HERE = Path(__file__).parent
CONFIGS = HERE.parent.parent / "configs"
CNNTRAIN = [sys.executable, "-m", "cnntrain"]
STEPS = 5  # training steps that the memory of a process is measured over
RUNS = 400


def startup(pairs: int) -> Report:
    """The help, and a whole training beside the import of PyTorch."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [["cnntrain --help", *spent([*CNNTRAIN, "--help"], folder, pairs)]]
        fit = [*CNNTRAIN, "fit", str(CONFIGS / "digits.yaml"), "--quiet", "--run"]
        runs = [spent([*fit, f"run-{k}"], folder, 1) for k in range(pairs)]
        medians = [statistics.median(column) for column in zip(*runs, strict=True)]
        rows.append(["cnntrain fit configs/digits.yaml", *medians])
        torch = spent([sys.executable, "-c", "import torch"], folder, pairs)
        rows.append(["python -c 'import torch'", *torch])
    return Report("startup", "whole processes", ["command", "seconds", "CPU seconds"], rows)


def spent(command: Sequence[str], folder: str, times: int) -> tuple[float, float]:
    """Median seconds and seconds of CPU of a command."""
    walls, cpus = [], []
    for _ in range(times):
        before, start = children(), time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - start)
        cpus.append(children() - before)
    return statistics.median(walls), statistics.median(cpus)


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory(pairs: int) -> Report:
    """Peak memory of a process that takes a few steps of vgg or resnet."""
    rows = [
        [name, side, threads, *map(float, run_here(f"memory.py {name} {side} {threads}").split())]
        for name in ("vgg", "resnet")
        for threads in (1, 2)
        for side in ("cnntrain", "PyTorch")
    ]
    columns = ["network", "side", "threads", "MiB", "of which imports"]
    return Report("memory", f"peak memory of {STEPS} steps", columns, rows)


def run_here(arguments: str) -> str:
    name, *others = arguments.split()
    command = [sys.executable, str(HERE / name), *others]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def jobs(pairs: int) -> Report:
    """A sweep of eight equal trials, one and two at a time."""
    rows = []
    for _ in range(max(pairs // 3, 1)):
        one, two = sweep(1), sweep(2)
        rows.append([one, two, two / one])
    return Report("jobs", "seconds of a sweep", ["1 job", "2 jobs", "ratio"], rows)


def sweep(jobs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        options = ["--rates", "0.05", "--seeds", "8", "--epochs", "20", "--quiet"]
        options += ["--set", "early_stopping=none", "--jobs", str(jobs), "--run", "sweep"]
        command = [*CNNTRAIN, "lr-sweep", str(CONFIGS / "digits.yaml"), *options]
        return spent(command, folder, 1)[0]


def runs(pairs: int) -> Report:
    """`compare` on many runs."""
    with tempfile.TemporaryDirectory() as folder:
        fit = [*CNNTRAIN, "fit", str(CONFIGS / "digits.yaml"), "--quiet", "--set", "epochs=1"]
        subprocess.run([*fit, "--run", "run-0"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        first = Path(folder) / "run-0"
        for number in range(1, RUNS):
            copy = first.with_name(f"run-{number}")
            shutil.copytree(first, copy)
            text = (copy / "config.yaml").read_text()
            (copy / "config.yaml").write_text(text.replace("seed: 0", f"seed: {number}", 1))
            summary = json.loads((copy / "summary.json").read_text())
            summary["seed"] = number
            (copy / "summary.json").write_text(json.dumps(summary))
        names = [f"run-{number}" for number in range(RUNS)]
        seconds = spent([*CNNTRAIN, "compare", *names], folder, pairs)
    row = [f"cnntrain compare, {RUNS} runs", *seconds]
    return Report("runs", "whole processes", ["command", "seconds", "CPU seconds"], [row])
