"""The networks that steps are timed on, and one step of cnntrain on them."""

from __future__ import annotations

import time

import numpy as np

from cnntrain.nn.engines.compiled.build import BUILT
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.engine import Engine
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    ReLU,
    Residual,
    Softmax,
)
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.methods import SGD
from cnntrain.optim.objective import Objective


def lenet() -> tuple[list[Layer], tuple[int, ...]]:
    """Two 5x5 convolutions and three dense layers on 28x28x1: 2.5 MFLOP a sample and step."""
    stages = [
        Conv(filters=6, kernel=5, padding="same"),
        ReLU(),
        MaxPool(window=2),
        Conv(filters=16, kernel=5),
        ReLU(),
        MaxPool(window=2),
    ]
    return [
        *stages,
        Flatten(),
        Dense(units=120),
        ReLU(),
        Dense(units=84),
        ReLU(),
        Dense(units=10),
    ], (28, 28, 1)


def small() -> tuple[list[Layer], tuple[int, ...]]:
    """Two 3x3 convolutions of 32 and 64 filters on 28x28x1: 72 MFLOP."""
    stages = [
        Conv(filters=32, kernel=3),
        ReLU(),
        Conv(filters=64, kernel=3),
        ReLU(),
        MaxPool(window=2),
    ]
    return [*stages, Flatten(), Dense(units=128), ReLU(), Dense(units=10)], (28, 28, 1)


def vgg() -> tuple[list[Layer], tuple[int, ...]]:
    """Three stages of two 3x3 convolutions each on 32x32x3: 917 MFLOP."""
    stages: list[Layer] = []
    for width in (64, 128, 256):
        for _ in range(2):
            stages += [Conv(filters=width, kernel=3, padding="same"), ReLU()]
        stages.append(MaxPool(window=2))
    return [*stages, Flatten(), Dense(units=10)], (32, 32, 3)


def resnet() -> tuple[list[Layer | Residual], tuple[int, ...]]:
    """Three residual blocks of 32, 64 and 128 filters, batch normalisation and global pooling, on
    32x32x3: 299 MFLOP."""
    layers: list[Layer | Residual] = [*normal(32, 3), ReLU()]
    inputs = 32
    for filters in (32, 64, 128):
        stride = 1 if filters == inputs else 2
        body = (*normal(filters, 3, stride), ReLU(), *normal(filters, 3))
        shortcut = "none" if filters == inputs else tuple(normal(filters, 1, stride))
        layers += [Residual(layers=body, shortcut=shortcut), ReLU()]
        inputs = filters
    return [*layers, AvgPool(window="all"), Flatten(), Dense(units=10)], (32, 32, 3)


def normal(filters: int, kernel: int, stride: int = 1) -> list[Layer]:
    """A convolution whose outputs are normalised."""
    settings = {"filters": filters, "kernel": kernel, "stride": stride, "padding": kernel // 2}
    return [Conv(**settings, bias=False), BatchNorm()]


LEVEL: str | None = None  # of the library; None: the best that the processor is up to


def compiled() -> CompiledEngine:
    """The engine that is measured."""
    library = load(BUILT, LEVEL)
    if isinstance(library, str):
        raise SystemExit(f"the compiled engine is needed: {library}")
    return CompiledEngine(library)


CASES = [(lenet, 1), (lenet, 32), (lenet, 128), (small, 64), (vgg, 32), (resnet, 64)]


class Step:
    """One network with data, ready to take a step."""

    def __init__(self, case: tuple, workers: int, engine: Engine | None = None) -> None:
        make, self.batch = case
        layers, shape = make()
        layers = [*layers, Softmax()]
        self.name, self.workers = make.__name__, workers
        settings = {"workers": Workers(workers), "engine": engine or compiled()}
        self.network = Network(layers, CrossEntropy(), shape, 10, **settings)
        rng = np.random.default_rng(0)
        x = rng.normal(size=(self.batch, *shape)).astype(np.float32)
        self.samples = ArraySamples(x, rng.integers(0, 10, self.batch))
        self.w, self.buffers = self.network.initial_parameters(0), self.network.initial_buffers()
        self.optimizer = SGD(momentum=0.9)
        self.memory = self.optimizer.start(self.w)
        self.times: list[float] = []

    @property
    def label(self) -> str:
        """Name and batch size."""
        return f"{self.name}-{self.batch}"

    def take(self, draw: int) -> float:
        """One step (forward, backward, SGD with momentum), timed; its loss."""
        start = time.perf_counter()
        objective = Objective(self.network, self.samples, (0, 1, draw))
        total = self.optimizer.step(self.w, objective, 1e-3, self.memory)
        if self.buffers.size and objective.statistics is not None:
            self.buffers = self.network.next_buffers(self.buffers, objective.statistics)
        self.times.append(1e3 * (time.perf_counter() - start))
        return total.risk
