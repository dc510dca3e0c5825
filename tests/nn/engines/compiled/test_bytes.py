"""One digest: results do not depend on workers, the width of vectors, or the compiler."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.build import LEVELS, build, machine
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import levels, load
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Repeat,
    Residual,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.losses import Quadratic
from cnntrain.nn.network import Network

BLOCK = Residual(layers=[Conv(filters=18, kernel=3, padding=1), LeakyReLU()])
LAYERS = [
    *[Conv(filters=5, kernel=5, stride=2, padding=2), ReLU(), MaxPool(window=3, stride=1)],
    *[Conv(filters=18, kernel=3, padding=1), LeakyReLU(), Repeat(times=2, layers=[BLOCK]), ReLU()],
    Residual(layers=[Tanh()], shortcut=[Conv(filters=18, kernel=1)]),
    *[Conv(filters=16, kernel=3), ReLU(), MaxPool(window=2), GroupNorm(groups=4), GELU()],
    *[AvgPool(window=2, stride=1), Conv(filters=7, kernel=1), SiLU(), Dropout(rate=0.2)],
    *[MaxPool(window=2, stride=1, padding=1, smooth=3), Tanh(), MaxPool(window=2, ties="split")],
    *[Flatten(), Dense(units=19), ELU(), Dense(units=9), Sigmoid(), Dense(units=4), Softmax()],
]


def digest(library, dtype="float32", workers=1):
    """Of the gradients of some batches."""
    net = Network(
        LAYERS,
        Quadratic(),
        (23, 26, 2),
        4,
        np.dtype(dtype),
        CompiledEngine(library),
        workers=Workers(workers),
    )
    w, found = net.initial_parameters(seed=0), hashlib.sha256()
    rng = np.random.default_rng(0)
    for n in (70, 1, 32):
        x, y = rng.normal(size=(n, 23, 26, 2)), rng.normal(size=(n, 4))
        gradient = net.loss_and_gradient(w, x, y)[1]
        found.update(gradient.tobytes())
        w -= np.asarray(0.01, w.dtype) * gradient
    return found.hexdigest()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_workers_change_nothing(dtype, library):
    assert len({digest(library, dtype, workers) for workers in (1, 2, 3, 4)}) == 1


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_width_of_vectors_changes_nothing(dtype, level, library, libraries):
    assert digest(load(libraries, level), dtype) == digest(library, dtype)


@pytest.mark.system
def test_another_compiler_changes_nothing(library, tmp_path, monkeypatch):
    """Than gcc, which has made the package's own libraries; the level is that of this processor."""
    monkeypatch.setenv("CC", "clang")
    monkeypatch.setitem(LEVELS, machine(), {library.level: LEVELS[machine()][library.level]})
    build(tmp_path)
    for dtype in ("float32", "float64"):
        assert digest(load(tmp_path, library.level), dtype) == digest(library, dtype)
