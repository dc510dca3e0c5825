"""A network: p = f(x, w), a pure function of its input and of one flat parameter vector w."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from cnntrain.nn.architecture import check_end, check_statistics, shapes_between
from cnntrain.nn.engines.engine import Engine, Stage
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.execution.chunks import Chunk, chunks
from cnntrain.nn.execution.context import StepKey
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.folding import Folding
from cnntrain.nn.footprint import Footprint
from cnntrain.nn.layers import Entry, Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import BatchTotals, Loss
from cnntrain.nn.nodes import Line, line
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.samples import ArraySamples, Samples
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.validation import check_buffers, check_inputs, check_parameters, check_targets


@dataclass(frozen=True, eq=False)
class Network:
    """Layers f(1), ..., f(K) and the loss at their end.

    layers         as a config has them, with blocks; below, layers are those of `line`
    input_shape    of one sample: (H, W, C), or (d,) for vectors
    outputs        classes e, or entries of a target vector
    dtype          of parameters and activations, float32 or float64
    engine         how the layers are computed
    workers        threads; results do not depend on their number
    chunk          samples that go through the layers together; None: see `chunks`
    frozen         numbers of layers, from 0, that training leaves as they are

    Raises ShapeError where the layers do not fit together.

    >>> config = cnntrain.load_config("digits.yaml")
    >>> network = cnntrain.Network(config.layers, config.loss, input_shape=(8, 8, 1), outputs=10)
    >>> w = network.initial_parameters(seed=0)
    >>> risk, gradient = network.loss_and_gradient(w, np.zeros((2, 8, 8, 1)), np.array([3, 7]))
    >>> round(risk, 1), gradient.shape == w.shape
    (2.3, True)
    """

    layers: Sequence[Entry]
    loss: Loss
    input_shape: Shape
    outputs: int
    dtype: np.dtype[Any] = np.dtype(np.float32)
    engine: Engine = NumpyEngine()
    workers: Workers = field(default_factory=lambda: Workers(1))
    chunk: int | None = None
    frozen: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        check_end(self.line.nodes, self.shapes, self.loss, self.outputs)

    # What it consists of ---------------------------------------------------------------------

    @cached_property
    def line(self) -> Line:
        """The layers one after the other, without blocks."""
        return line(self.layers)

    @cached_property
    def all_layers(self) -> list[Layer]:
        """Those layers."""
        return [node.layer for node in self.line.nodes]

    @cached_property
    def names(self) -> list[str]:
        """What they are called: conv1, relu1, conv2, ..., block1/conv1, unless they have names."""
        return [node.name for node in self.line.nodes]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Inner shapes of one sample: of the input, (C, H, W) or (d,), and of each output."""
        return shapes_between(self.line.nodes, self.input_shape)

    @cached_property
    def layout(self) -> Layout:
        """Where the arrays of each layer lie: parameters in the flat vector w, buffers in another;
        and what of them stays as it is."""
        return Layout(self.all_layers, self.shapes, self.frozen)

    @property
    def parameters(self) -> Parameters:
        """Where those in w lie."""
        return self.layout.parameters

    @property
    def buffers(self) -> Parameters:
        """Where the others lie, which training changes otherwise than by the gradient."""
        return self.layout.buffers

    @property
    def layers_before_loss(self) -> Sequence[Layer]:
        """The layers but for a final soft-max that the loss takes over."""
        return self.all_layers[:-1] if self.loss.of_logits else self.all_layers

    @cached_property
    def stages(self) -> list[Stage]:
        """What the engine makes of those layers."""
        return self.engine.stages(self.layers_before_loss, self.shapes, self.frozen)

    @cached_property
    def _loss(self) -> Loss:
        """The loss as the engine computes it."""
        return self.engine.loss(self.loss)

    @cached_property
    def _pass(self) -> Callable[..., BatchPass]:
        return self.engine.batch_pass(self.stages, self.layout, self._loss)

    @cached_property
    def _folding(self) -> Folding:
        """The network as evaluation takes it."""
        return Folding(Layout(self.layers_before_loss, self.shapes))

    @cached_property
    def _evaluation(self) -> Callable[..., BatchPass]:
        return self._folding.batch_pass(self.engine, self._loss)

    def named_parameters(self, w: Array) -> dict[str, Array]:
        """{"conv1/weight": view into `w`, ...} in network order."""
        return {f"{self.names[e.layer]}/{e.name}": e.view(w) for e in self.parameters}

    def initial_parameters(self, seed: int) -> Array:
        """w_0: each array a function of (seed, its name), whatever the other layers are.

        Raises StorageError, as all that follows does, where memory does not suffice.
        """
        with self._memory([]):
            w = np.empty(self.parameters.count, dtype=self.dtype)
            for entry in self.parameters:
                layer, name = self.all_layers[entry.layer], self.names[entry.layer]
                entry.view(w)[...] = layer.initial_parameter(
                    entry.name, entry.shape, "initial weights", seed, name, entry.name
                )
            return w

    def named_buffers(self, buffers: Array) -> dict[str, Array]:
        """{"batch_norm1/running_mean": view into `buffers`, ...} in network order."""
        return {f"{self.names[e.layer]}/{e.name}": e.view(buffers) for e in self.buffers}

    def initial_buffers(self) -> Array:
        """What they begin as."""
        return self.layout.first_buffers(self.dtype)

    def next_buffers(self, buffers: Array, statistics: Array) -> Array:
        """What a step makes of `buffers`, a new vector: r <- (1 - m) r + m s.

        statistics   s, of the same layout: what the step's training pass has found
        """
        return self.layout.next_buffers(buffers, statistics)

    def place(self, k: int) -> str:
        """Layer number `k`, from 0, as the config counts it, with its name."""
        return str(self.line.nodes[k].place)

    # What it computes ------------------------------------------------------------------------

    def predict(self, w: Array, x: Array, buffers: Array | None = None) -> Array:
        """Outputs (N, e) for standardised inputs x (N, H, W, C), (N, H, W) or (N, d).

        buffers   running statistics, for a network that has any

        Raises UsageError where one of them does not fit the network.
        """
        check_inputs(self.input_shape, x)
        samples = ArraySamples(x, np.zeros(len(x), dtype=np.int64))
        return self.predictor(w, buffers)(samples)

    def predictor(self, w: Array, buffers: Array | None = None) -> Callable[[Samples], Array]:
        """The function that gives the outputs (N, e) for samples, as long as `w` and `buffers` stay
        as they are.  Raises UsageError where one of them does not fit the network."""
        check_parameters(self.parameters.count, w)
        check_buffers(self.buffers.count, buffers)
        with self._memory([]):
            return partial(self._outputs, self._evaluating(w, buffers))

    def _outputs(self, evaluating: Callable[..., BatchPass], samples: Samples) -> Array:
        if not len(samples):
            return np.empty((0, self.outputs), dtype=self.dtype)
        chunks = self.chunks(len(samples))
        with self._memory(chunks):
            return evaluating(samples, chunks).outputs()

    def measure(
        self, w: Array, samples: Samples, buffers: Array | None = None
    ) -> tuple[BatchTotals, Array]:
        """Totals over all `samples`, and the outputs (N, e)."""
        check_buffers(self.buffers.count, buffers)
        chunks = self.chunks(len(samples))
        with self._memory(chunks):
            batch = self._evaluating(w, buffers)(samples, chunks)
            totals, outputs, _ = batch.totals_and_outputs()
            return totals, outputs

    def loss_and_gradient(
        self,
        w: Array,
        x: Array,
        y: Array,
        rng_key: StepKey = (0, 0, 0),
        buffers: Array | None = None,
    ) -> tuple[float, Array]:
        """The risk of a batch (equation 1) and its gradient with respect to `w`.

        x     standardised, (N, H, W, C), (N, H, W) or (N, d), N >= 1
        y     labels (N,), whole numbers from 0 to e - 1, or for the quadratic loss targets (N, d)
        rng_key   (seed, epoch, step), of random choices such as pooling ties
        buffers   running statistics, for a network with frozen layers that have any

        Raises UsageError where `w`, `x` or `y` does not fit the network.
        """
        check_parameters(self.parameters.count, w)
        check_inputs(self.input_shape, x)
        check_targets(self.outputs, x, y, self.loss.needs_labels)
        samples = ArraySamples(x, y)
        totals, gradient, _ = self.totals_and_gradient(w, samples, rng_key, buffers)
        return totals.risk, gradient

    def totals_and_gradient(
        self, w: Array, samples: Samples, rng_key: StepKey, buffers: Array | None = None
    ) -> tuple[BatchTotals, Array, Array]:
        """Totals over a batch of samples, the gradient of their mean loss, and the statistics of
        the batch (see `next_buffers`); both new vectors."""
        self.check_statistics(len(samples))
        with self._training(w, samples, buffers, rng_key) as batch:
            return batch.totals_and_gradient()

    def training_totals(
        self, w: Array, samples: Samples, rng_key: StepKey, buffers: Array | None = None
    ) -> tuple[BatchTotals, Array]:
        """The same without the gradient."""
        self.check_statistics(len(samples))
        with self._training(w, samples, buffers, rng_key) as batch:
            totals, _, statistics = batch.totals_and_outputs()
            return totals, statistics

    def gauss_newton(
        self, w: Array, samples: Samples, rng_key: StepKey, v: Array, buffers: Array | None = None
    ) -> Array:
        """The product G v of the Gauss-Newton matrix of the risk with a vector, a new vector:

            G = (1/N) sum over n of J_n^T H_n J_n

        J_n is the Jacobian, with respect to `w`, of what enters the loss for sample n (the input
        of a final soft-max under cross-entropy), H_n the Hessian of the loss with respect to it.
        G is the Hessian of the risk but for the curvature of the network, and positive
        semi-definite (Schraudolph, Neural Computation 14, 2002).  It costs about two gradients.
        """
        with self._training(w, samples, buffers, rng_key) as batch:
            return batch.gauss_newton(v)

    def chunks(self, count: int) -> list[Chunk]:
        """How a batch of `count` samples is cut into chunks."""
        size = self.chunk or self.engine.chunk_size(count, self.footprint.bytes_per_sample)
        return chunks(count, -(-size // self._together) * self._together)

    @cached_property
    def _together(self) -> int:
        """A chunk holds a multiple of so many samples."""
        over = (layer.statistics_over for layer in self.all_layers)
        return math.lcm(*(n for n in over if isinstance(n, int)))

    def check_statistics(self, count: int) -> None:
        """Raise UsageError where a layer would take statistics of a single number in a batch of
        `count` samples."""
        check_statistics(self.line.nodes, self.shapes, self.frozen, count)

    @cached_property
    def footprint(self) -> Footprint:
        """The memory that it needs."""
        return Footprint(self.line.nodes, self.shapes, self.parameters, self.dtype)

    def _memory(
        self, chunks: Sequence[Chunk], at_once: bool = False
    ) -> AbstractContextManager[None]:
        """Raises StorageError where there is too little for a pass of `chunks`, which are under way
        one after the other, or all `at_once`."""
        return self.footprint.memory(chunks[-1 if at_once else 0].stop if chunks else 0)

    def _evaluating(self, w: Array, buffers: Array | None) -> Callable[..., BatchPass]:
        """How samples in chunks are evaluated, as long as `w` and `buffers` stay as they are."""
        if buffers is None or not self._folding.folded:
            return partial(self._pass, self.workers, w, buffers)
        return partial(self._evaluation, self.workers, *self._folding.vectors(w, buffers))

    @contextmanager
    def _training(
        self, w: Array, samples: Samples, buffers: Array | None, rng_key: StepKey
    ) -> Iterator[BatchPass]:
        """A training pass.  Raises StorageError where there is too little memory."""
        chunks = self.chunks(len(samples))
        with self._memory(chunks, at_once=any(stage.gathers for stage in self.stages)):
            yield self._pass(self.workers, w, buffers, samples, chunks, rng_key)
