"""With the compiled engine a run has the same bytes whatever computes it: libraries, compilers,
workers, and what NumPy and BLAS make of the processor."""

import json
import shutil
import signal
import subprocess
import threading
from dataclasses import replace

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.build import LEVELS, build, machine
from cnntrain.nn.engines.compiled.library import levels, load

from ..run_files import digests
from .conftest import CONFIG, ROOT, Lab

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(isinstance(load(), str), reason="the engine was not compiled"),
]

# Direct convolution, Winograd's algorithm, pooling, dense layers.
LAYERS = """\
layers:
  - {type: conv, filters: 16, kernel: 3, padding: same}
  - {type: relu}
  - {type: conv, filters: 17, kernel: 3, padding: same}
  - {type: leaky_relu}
  - {type: max_pool, window: 2}
  - {type: flatten}
  - {type: dense, units: 21}
  - {type: relu}
  - {type: dense, units: 10, init: he_normal}
  - {type: softmax}
"""
BEFORE, _, AFTER = CONFIG.partition("layers:\n")
COMPUTE = "compute: {engine: compiled, chunk: 16}\n"
COMPILED = BEFORE + LAYERS + AFTER[AFTER.index("loss:") :].replace("64", "90") + COMPUTE


def plain():
    """The variables that make NumPy and OpenBLAS use nothing that not every x86-64 has."""
    features = np._core._multiarray_umath  # NumPy has no public way to ask
    used = [name for name in features.__cpu_dispatch__ if features.__cpu_features__.get(name)]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(used), "OPENBLAS_CORETYPE": "Nehalem"}


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """The digests of an undisturbed run of COMPILED."""
    folder = tmp_path_factory.mktemp("right")
    (folder / "fault.yaml").write_text(COMPILED)
    return fitted(Lab(folder))


def fitted(lab, *options, **environment):
    """The digests of a whole run."""
    run(lab, lab.command("run", *options), environment)
    return digests(lab.folder / "run")


def run(lab, command, environment, codes=(0,)):
    done = subprocess.run(
        command, cwd=lab.folder, env={**lab.environment, **environment}, capture_output=True
    )
    assert done.returncode in codes, done.stderr


@pytest.fixture
def compiled(tmp_path):
    """An empty folder with that config."""
    (tmp_path / "fault.yaml").write_text(COMPILED)
    return Lab(tmp_path)


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Copies of the package, each with the library of one level alone."""
    found = {}
    for level in levels():
        folder = tmp_path_factory.mktemp(level)
        copy(folder)
        for library in (folder / "cnntrain/nn/engines/compiled/built").glob("engine-*.so"):
            if library.name != f"engine-{level}.so":
                library.unlink()
        found[level] = folder
    return found


def copy(folder):
    """The package, and the data that it looks for beside itself."""
    shutil.copytree(ROOT / "cnntrain", folder / "cnntrain")
    shutil.copytree(ROOT / "data", folder / "data")


def library_used(lab):
    """Its level, and what compiled it."""
    return json.loads((lab.folder / "run/run.json").read_text())["engine_library"]


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_workers(workers, compiled, right):
    assert fitted(compiled, "--set", f"compute.workers={workers}") == right


@pytest.mark.parametrize("level", levels())
def test_libraries(level, compiled, packages, right):
    lab = replace(compiled, package=packages[level])
    assert fitted(lab) == right
    assert library_used(lab).startswith(f"{level},")


def test_an_older_processor(compiled, right):
    """As far as NumPy and BLAS can tell."""
    assert fitted(compiled, **plain()) == right


@pytest.mark.system
def test_another_compiler(compiled, right, tmp_path, monkeypatch):
    """Than gcc, which has made the package's own libraries; its vectors are the shortest."""
    monkeypatch.setenv("CC", "clang")
    level = levels()[-1]
    monkeypatch.setitem(LEVELS, machine(), {level: LEVELS[machine()][level]})
    copy(tmp_path)
    built = tmp_path / "cnntrain/nn/engines/compiled/built"
    shutil.rmtree(built)
    build(built)
    lab = replace(compiled, package=tmp_path)
    assert fitted(lab) == right
    assert "clang" in library_used(lab)


def test_a_run_that_moves_on_after_every_epoch(compiled, packages, right):
    """And in the middle of one: each time to another library, processor and number of workers."""
    for turn in range(9):
        level, environment = levels()[turn % len(levels())], plain() if turn % 4 < 2 else {}
        lab = replace(compiled, package=packages[level])
        workers = ("--set", f"compute.workers={1 + turn % 3}")
        if turn % 3:
            run(lab, lab.command("run", *workers, "--set", "max_minutes=1e-9"), environment, (0, 7))
        else:
            stop_within_an_epoch(lab, workers, environment)
    assert fitted(compiled) == right


def stop_within_an_epoch(lab, workers, environment):
    """Soon after the run has begun a step."""
    process = subprocess.Popen(
        lab.command("run", *workers),
        cwd=lab.folder,
        env={**lab.environment, **environment},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    rows, before = lab.folder / "run/steps.csv", -1
    while process.poll() is None:
        size = rows.stat().st_size if rows.exists() else 0
        if before not in (-1, size):
            process.send_signal(signal.SIGTERM)
            break
        before = size
        threading.Event().wait(0.005)
    assert process.wait(timeout=60) in (0, -signal.SIGTERM)
