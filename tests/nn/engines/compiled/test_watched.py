"""Networks in libraries that watch themselves: no thread reads what another one writes meanwhile,
and no access is out of bounds.

digest.c tries single kernels in the same way; here whole networks run, on several threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnntrain.nn.engines.compiled.build import BUILT, LEVELS, build, machine
from cnntrain.nn.engines.compiled.library import levels

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[4]
# What watches, and the part of gcc that must be loaded before Python.
WATCHERS = {
    "thread": ("libtsan.so", {"TSAN_OPTIONS": "exitcode=66"}),
    "address,undefined": ("libasan.so", {"ASAN_OPTIONS": "detect_leaks=0"}),
}
TRAIN = """
import numpy as np
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.updates import adam, all_finite, sgd
from cnntrain.nn.execution.workers import Workers
from tests.network_cases import NETWORKS, batch, enough, network

library = load()
for name in NETWORKS:
    for dtype in ("float32", "float64"):
        found = set()
        for workers in (1, 4):
            engine = CompiledEngine(library)
            net = network(name, engine, dtype, workers=Workers(workers), chunk=16)
            w, x, y = batch(net, 75)
            for n in (enough(net, n) for n in (75, 17, 1)):
                w -= net.loss_and_gradient(w, x[:n], y[:n])[1]
            found.add(w.tobytes() + net.predict(w, x, net.initial_buffers()).tobytes())
        assert len(found) == 1
vectors = np.random.default_rng(0).random((4, 100_000))
sgd(*vectors[:3], 0.9, 0.1)
adam(*vectors[:4], (0.9, 0.99), 0.5, 1e-8, 0.1)
assert all_finite(vectors[0])
print("done")
"""


@pytest.mark.parametrize("watcher", WATCHERS)
def test_nothing_is_found(watcher, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "gcc")
    level = levels()[-1]
    watched = ("-O1", f"-fsanitize={watcher}", "-fno-sanitize-recover=all")
    monkeypatch.setitem(LEVELS, machine(), {level: LEVELS[machine()][level]})
    shutil.copytree(
        ROOT / "cnntrain", tmp_path / "cnntrain", ignore=shutil.ignore_patterns("built")
    )
    build(tmp_path / BUILT.relative_to(ROOT), extra=watched)
    name, options = WATCHERS[watcher]
    preloaded = subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
    environment = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "OPENBLAS_NUM_THREADS": "1",
        "LD_PRELOAD": preloaded,
    }
    done = subprocess.run(
        # At addresses that are not random: the watcher of threads knows no others.
        ["setarch", "--addr-no-randomize", sys.executable, "-c", TRAIN],
        env={**os.environ, **environment, **options},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("done\n", "")
