"""A network: p = f(x, w), a pure function of its input and of one flat parameter vector w."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from cnntrain.nn.architecture import Architecture
from cnntrain.nn.engines.engine import Engine, Stage
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.execution.chunks import Chunk, chunks
from cnntrain.nn.execution.context import StepKey
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.folding import Folding
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import BatchTotals, Loss
from cnntrain.nn.samples import ArraySamples, Samples
from cnntrain.nn.shapes import Array
from cnntrain.nn.validation import check_buffers, check_inputs, check_parameters, check_targets


@dataclass(frozen=True, eq=False)
class Network(Architecture):
    """Layers f(1), ..., f(K), the loss at their end, and how they are computed.

    Beside the fields of Architecture:

    engine         how the layers are computed
    workers        threads; results do not depend on their number
    chunk          samples that go through the layers together; None: see `chunks`

    Raises ShapeError where the layers do not fit together.

    >>> config = cnntrain.load_config("digits.yaml")
    >>> network = cnntrain.Network(config.layers, config.loss, input_shape=(8, 8, 1), outputs=10)
    >>> w = network.initial_parameters(seed=0)
    >>> risk, gradient = network.loss_and_gradient(w, np.zeros((2, 8, 8, 1)), np.array([3, 7]))
    >>> round(risk, 1), gradient.shape == w.shape
    (2.3, True)
    """

    engine: Engine = NumpyEngine()
    workers: Workers = field(default_factory=lambda: Workers(1))
    chunk: int | None = None

    @cached_property
    def stages(self) -> list[Stage]:
        """What the engine makes of the layers before the loss."""
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
