"""A network: p = f(x, w), a pure function of its input and of one flat parameter vector w."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import ShapeError
from cnntrain.nn.execution.chunk_pass import ByLayer, Pass
from cnntrain.nn.execution.chunks import chunk_size, cut
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers.base import Layer, MisfitError, Shape, size_text
from cnntrain.nn.layers.softmax import Softmax
from cnntrain.nn.losses import Loss, sums
from cnntrain.nn.parameters import Parameters
from cnntrain.nn.samples import ArraySamples, Samples
from cnntrain.nn.sums import Sums
from cnntrain.nn.validation import check_inputs, check_parameters, check_targets

Array = NDArray[Any]
Draw = tuple[int, int, int]  # (seed, epoch, step)


@dataclass(frozen=True, eq=False)
class Network:
    """Layers f(1), ..., f(K) and the loss at their end.

    layers, names  the K layers and what they are called
    input_shape    of one sample: (H, W, C), or (d,) for vectors
    outputs        classes e, or entries of a target vector
    dtype          of parameters and activations, float32 or float64
    workers        threads; results do not depend on their number
    chunk          samples that go through the layers together; None: see `chunks`
    """

    layers: Sequence[Layer]
    names: Sequence[str]
    loss: Loss
    input_shape: Shape
    outputs: int
    dtype: np.dtype[Any] = np.dtype(np.float32)
    workers: Workers = field(default_factory=lambda: Workers(1))
    chunk: int | None = None

    def __post_init__(self) -> None:
        """Check that the layers fit together, ShapeError if not."""
        last = len(self.layers) - 1
        if self.loss.of_logits and not isinstance(self.layers[last], Softmax):
            raise ShapeError(
                last,
                f"{self.place(last)}: {self.loss.name} needs a soft-max as last layer "
                "(add {type: softmax} at the end)",
            )
        if self.shapes[-1] != (self.outputs,):
            raise self._wrong_outputs()

    @cached_property
    def shapes(self) -> list[Shape]:
        """Inner shapes of one sample: of the input, (C, H, W) or (d,), and of each output."""
        *size, last = self.input_shape
        shape: Shape = (last, *size)
        shapes = [shape]
        for k, layer in enumerate(self.layers):
            try:
                shape = layer.output_shape(shape)
            except MisfitError as error:
                raise ShapeError(k, f"{self.place(k)}: {error}", error.key) from None
            shapes.append(shape)
        return shapes

    @cached_property
    def parameters(self) -> Parameters:
        """Where each layer's arrays lie in the flat vector."""
        pairs = zip(self.layers, self.shapes, strict=False)
        return Parameters(layer.parameter_shapes(shape) for layer, shape in pairs)

    def named_parameters(self, w: Array) -> dict[str, Array]:
        """{"conv1/weight": view into `w`, ...} in network order."""
        return {
            f"{self.names[entry.layer]}/{entry.name}": entry.view(w) for entry in self.parameters
        }

    def initial_parameters(self, seed: int) -> Array:
        """w_0: each array a function of (seed, its name), whatever the other layers are."""
        w = np.empty(self.parameters.count, dtype=self.dtype)
        for entry in self.parameters:
            layer, name = self.layers[entry.layer], self.names[entry.layer]
            entry.view(w)[...] = layer.initial_parameter(
                entry.name, entry.shape, "initial weights", seed, name, entry.name
            )
        return w

    def predict(self, w: Array, x: Array) -> Array:
        """Outputs (N, e) for standardised inputs x (N, H, W, C), (N, H, W) or (N, d).

        Raises UsageError where `w` or `x` does not fit the network.
        """
        check_parameters(self.parameters.count, w)
        check_inputs(self.input_shape, x)
        if len(x) == 0:
            return np.empty((0, self.outputs), dtype=self.dtype)
        samples = ArraySamples(x, np.zeros(len(x), dtype=np.int64))
        layers = self.parameters.by_layer(w)

        def work(piece: tuple[int, int, int], workspace: Workspace) -> Array:
            inner, _ = samples.chunk(*piece[1:], self.dtype)
            return self.loss.outputs(self._pass(layers, workspace).forward(inner)).T.copy()

        return np.concatenate(list(self.workers.map(work, self.cut(len(samples)))))

    def measure(self, w: Array, samples: Samples) -> tuple[Sums, Array]:
        """Losses and errors of all `samples`, and the outputs (N, e)."""
        layers = self.parameters.by_layer(w)

        def work(piece: tuple[int, int, int], workspace: Workspace) -> tuple[Sums, Array]:
            x, y = samples.chunk(*piece[1:], self.dtype)
            z = self._pass(layers, workspace).forward(x)
            p = self.loss.outputs(z)
            return sums(self.loss.values(z, y), p, y), p.T.copy()

        parts = list(self.workers.map(work, self.cut(len(samples))))
        total = sum((part for part, _ in parts), start=Sums())
        return total, np.concatenate([p for _, p in parts])

    def loss_and_gradient(
        self, w: Array, x: Array, y: Array, draw: Draw = (0, 0, 0)
    ) -> tuple[float, Array]:
        """The risk of a batch (equation 1) and its gradient with respect to `w`.

        x      standardised, (N, H, W, C), (N, H, W) or (N, d), N >= 1
        y      labels (N,), whole numbers from 0 to e - 1, or for the quadratic loss targets (N, d)
        draw   (seed, epoch, step): the key of random choices such as pooling ties

        Raises UsageError where `w`, `x` or `y` does not fit the network.
        """
        check_parameters(self.parameters.count, w)
        check_inputs(self.input_shape, x)
        check_targets(self.outputs, x, y, self.loss.of_logits)
        total, gradient = self.sums_and_gradient(w, ArraySamples(x, y), draw)
        return total.risk, gradient

    def sums_and_gradient(self, w: Array, samples: Samples, draw: Draw) -> tuple[Sums, Array]:
        """The sums over a batch of samples, and the gradient of their mean loss, a new vector.

        The chunks' gradients are added in chunk order, whoever computed them.
        """
        layers = self.parameters.by_layer(w)
        scale = 1 / len(samples)

        def work(piece: tuple[int, int, int], workspace: Workspace) -> tuple[Sums, Array]:
            number, start, stop = piece
            x, y = samples.chunk(start, stop, self.dtype)
            chunk = self._pass(layers, workspace, (*draw, number))
            z = chunk.forward(x)
            total = sums(self.loss.values(z, y), self.loss.outputs(z), y)
            dz = self.loss.gradient(z, y)
            dz *= scale
            return total, self._back_propagated(chunk, dz)

        results = self.workers.map(work, self.cut(len(samples)))
        total, gradient = next(results)
        for part, addend in results:
            total += part
            gradient += addend
        return total, gradient

    def gauss_newton(self, w: Array, samples: Samples, draw: Draw, v: Array) -> Array:
        """The product G v of the Gauss-Newton matrix of the risk with a vector, a new vector:

            G = (1/N) sum over n of J_n^T H_n J_n

        J_n is the Jacobian, with respect to `w`, of what enters the loss for sample n (the input
        of a final soft-max under cross-entropy), H_n the Hessian of the loss with respect to it.
        G is the Hessian of the risk but for the curvature of the network, and positive
        semi-definite (Schraudolph, Neural Computation 14, 2002).  It costs about two gradients.
        """
        layers = self.parameters.by_layer(w)
        direction = self.parameters.by_layer(v.astype(self.dtype, copy=False))
        scale = 1 / len(samples)

        def work(piece: tuple[int, int, int], workspace: Workspace) -> Array:
            number, start, stop = piece
            x, y = samples.chunk(start, stop, self.dtype)
            chunk = self._pass(layers, workspace, (*draw, number))
            z = chunk.forward(x)
            dz = chunk.jvp(direction)
            if dz is None:
                return np.zeros_like(w)
            curved = self.loss.hessian_product(z, y, dz)
            curved *= scale
            return self._back_propagated(chunk, curved)

        results = self.workers.map(work, self.cut(len(samples)))
        product = next(results)
        for addend in results:
            product += addend
        return product

    # Chunks ----------------------------------------------------------------------------------

    def _pass(self, w: ByLayer, workspace: Workspace, draw: tuple[int, ...] | None = None) -> Pass:
        return Pass(self.body, w, workspace, draw)

    def _back_propagated(self, chunk: Pass, dz: Array) -> Array:
        """The chunk's part of a gradient, given the derivatives by the input of the loss."""
        gradient = np.empty(self.parameters.count, dtype=self.dtype)
        chunk.backward(dz, self.parameters.by_layer(gradient))
        return gradient

    @property
    def body(self) -> Sequence[Layer]:
        """The layers but for a final soft-max that the loss takes over."""
        return self.layers[:-1] if self.loss.of_logits else self.layers

    def cut(self, count: int) -> list[tuple[int, int, int]]:
        """(number, start, stop) of the chunks of a batch of `count` samples."""
        return cut(count, self.chunk or chunk_size(count, self.bytes_per_sample))

    @cached_property
    def bytes_per_sample(self) -> int:
        """Bytes of one sample's input and layer outputs."""
        return sum(math.prod(shape) for shape in self.shapes) * self.dtype.itemsize

    # Errors ---------------------------------------------------------------------------------

    def place(self, k: int) -> str:
        """Layer number `k`, from 0, as the config counts it, with its name."""
        return f"layers.{k} ({self.names[k]})"

    def _wrong_outputs(self) -> ShapeError:
        """What to raise where the outputs are not as many as the data call for: it names the layer
        that decides their number, the last one that changes a shape."""
        sized = [k for k, (a, b) in enumerate(itertools.pairwise(self.shapes)) if a != b]
        k = max(sized, default=len(self.layers) - 1)
        key = "units" if self.layers[k].type == "dense" else ""
        units = f"units: {self.outputs}"
        way_out = f"set {units}" if key else f"end in {{type: dense, {units}}}"
        return ShapeError(
            k,
            f"{self.place(k)} leads to {size_text(self.shapes[-1])} outputs but the data have "
            f"{self.outputs} {'classes' if self.loss.of_logits else 'to predict'} ({way_out})",
            key,
        )
