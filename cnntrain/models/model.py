"""A trained network, ready for raw data."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config
from cnntrain.data import Part, PartSamples, Standardizer
from cnntrain.data.arrays import as_inputs
from cnntrain.data.checks import BAD, first_bad
from cnntrain.data.examples import Examples
from cnntrain.data.input_range import InputRange
from cnntrain.errors import DataError, InputWarning, UsageError
from cnntrain.models.mirrored import averaged, mirrored
from cnntrain.nn.inspect.activations import activations
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples
from cnntrain.runs.rows import Row, Weights
from cnntrain.text import nearest, printable, shown_path

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network f(x, w) with its parameters w, ready for raw data.

    Threads may share one, and processes get a copy: it pickles.

    path          the checkpoint that it comes from
    epoch         epochs trained
    class_names   None where the outputs are real numbers
    standardizer  with the statistics of the training part
    data_hash     fingerprint of the data, `split_hash` that of the parts they were split into
    buffers       what the network has beside w, such as running statistics
    flip          whether outputs are averaged over each image and its mirror image
    inputs        range of the raw training inputs; None where the checkpoint does not tell
    weights       "own", or "average" where w and buffers are their averages over the steps; None
                  where the checkpoint holds no average
    row           what the run measured of w at the end of the epoch; None in the middle of one

    >>> model = cnntrain.load_model("runs/digits")
    >>> raw = np.zeros((3, 8, 8, 1), dtype=np.uint8)
    >>> p = model.predict_proba(raw)
    >>> p.shape
    (3, 10)
    >>> labels = model.predict(raw)
    >>> bool((labels == p.argmax(axis=1)).all())
    True
    >>> [model.class_names[label] for label in labels] == [str(label) for label in labels]
    True
    """

    path: Path
    network: Network
    w: Array
    config: Config
    epoch: int
    class_names: tuple[str, ...] | None
    standardizer: Standardizer
    data_hash: str
    split_hash: str
    inputs: InputRange | None = None
    buffers: Array | None = None
    flip: bool = False
    weights: Weights | None = None
    row: Row | None = None

    def predict(self, raw: Array) -> Array:
        """The answers for raw inputs: labels (N,) int64, the lowest of equally likely classes;
        for a regression the outputs (N, e).

        raw   values as in the data set, (N, H, W, C), or (N, C, H, W) where its axes are NCHW,
              (N, H, W) for one channel, or (N, d); signals (N, L, C) or (N, C, L) as its axes
              are, (N, L) for one channel; they are standardised here

        Raises DataError where shape or type do not fit, or values are so large that outputs are
        not finite.  Issues an InputWarning where they seem to be on another scale than the
        training inputs.
        """
        outputs = self._outputs(raw)
        return outputs if self.class_names is None else outputs.argmax(axis=1)

    def predict_proba(self, raw: Array) -> Array:
        """The probabilities (N, classes) of each class, for raw inputs as in `predict`: soft-max
        outputs, whose rows sum to 1.

        Raises UsageError where the network does not classify, DataError as `predict` does.
        """
        if self.class_names is None:
            raise UsageError(
                f"{shown_path(self.path)} predicts real numbers, which have no probabilities "
                "(use predict)"
            )
        return self._outputs(raw)

    def activations(self, raw: Array, layer: str) -> Array:
        """The outputs (N, H, W, C) or (N, d) of one layer, for raw inputs as in `predict`.

        layer   its name, as `cnntrain describe` shows it: "conv1", "block2/sum"

        >>> model = cnntrain.load_model("runs/digits")
        >>> raw = np.zeros((3, 8, 8, 1), dtype=np.uint8)
        >>> model.activations(raw, "max_pool1").shape
        (3, 3, 3, 4)

        Raises UsageError where no layer has this name, DataError as `predict` does.
        """
        names = self.network.names
        if layer not in names:
            close = nearest(layer, names)
            hint = f"did you mean {close}?" if close else f"there are {', '.join(names[:20])}"
            raise UsageError(
                f"{shown_path(self.path)}: no layer {printable(layer)} ({printable(hint, 400)})"
            )
        samples = self._samples(self._inputs(np.asarray(raw)))
        return activations(self.network, self.w, samples, self.buffers)[layer]

    def scale_problem(self, raw: Array) -> str | None:
        """Why raw inputs (N, ...) seem to be on another scale than the training inputs, if so."""
        if self.inputs is None or len(raw) == 0:
            return None
        return self.inputs.problem(InputRange.of(np.asarray(raw)), len(raw), "the inputs")

    def outputs(self, x: Array) -> Array:
        """The network's outputs (N, e) for raw inputs x (N, H, W, C) or (N, d), whatever the axes
        of the data set.  Raises DataError where outputs are not finite."""
        outputs = self._predicted(self._samples(x))
        if self.flip:
            outputs = averaged(outputs, self._predicted(self._samples(mirrored(x))))
        finite = np.isfinite(outputs)
        if not finite.all():
            bad = finite.all(axis=1).argmin()
            raise DataError(f"input {bad} leads to outputs that are not finite")
        return outputs

    def _outputs(self, raw: Array) -> Array:
        """The same, for inputs with the axes of the data set."""
        outputs = self.outputs(self._inputs(np.asarray(raw)))
        if (problem := self.scale_problem(raw)) is not None:
            warnings.warn(problem, InputWarning, stacklevel=3)
        return outputs

    @cached_property
    def _predicted(self) -> Callable[[Samples], Array]:
        return self.network.predictor(self.w, self.buffers)

    def _samples(self, x: Array) -> PartSamples:
        """Those inputs, with labels that nobody asks for."""
        examples = Examples(x, np.zeros(len(x), dtype=np.int64))
        return PartSamples(Part.whole(examples), self.standardizer)

    def _inputs(self, raw: Array) -> Array:
        """(N, H, W, C) or (N, d), not yet standardised.  Raises DataError."""
        axes = self.config.data.axis_order
        wanted = self.network.input_shape
        x = as_inputs(raw, axes, "the array")
        if x.ndim == 0 or x.shape[1:] != wanted or len(x) == 0:
            if "L" in axes:
                wanted = wanted[1:]
            if axes in {"NCHW", "NCL"} and len(wanted) > 1:
                wanted = (wanted[-1], *wanted[:-1])
            size = ", ".join(str(n) for n in wanted)
            raise DataError(f"inputs have shape {raw.shape}, expected (N, {size}) with N >= 1")
        if (bad := first_bad(x)) is not None:
            raise DataError(f"input {bad} holds {BAD}")
        return x
