"""A trained network as the list of what it does to a raw input: what every form is written from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain.config.resolved import config_for_checkpoint
from cnntrain.errors import UsageError
from cnntrain.models.model import Model
from cnntrain.nn.folding import Folding
from cnntrain.nn.layers import Dropout, Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.shapes import Shape
from cnntrain.text import shown_path

Array = NDArray[Any]
Axes = Literal["NHWC", "NCHW", "NLC", "NCL"]
ROUNDING = 1e-7  # of standardised inputs, which does not show


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of the line, or a joint of a block (see `nn.layers.joints`).

    name     such as "conv1" or "block2/conv1"
    arrays   float32, such as "weight", "bias", "running_mean"
    before   shape of its input, without the samples: (C, H, W), or (d,)
    after    of its output
    """

    name: str
    layer: Layer
    arrays: Mapping[str, Array]
    before: Shape
    after: Shape


@dataclass(frozen=True, eq=False)
class Program:
    """Raw inputs to answers.

        x = (raw - mean) / std,  then the steps one after the other;  with `flip` the mean of the
        outputs for the raw input and for its mirror image (the last axis of (C, H, W) reversed),
        which is standardised as it then is

    axes          of the raw inputs, as `predict` takes them; of vectors (N, d) it says nothing
    input_shape   of one input, before the axes are changed: (H, W, C), a signal (1, L, C), or (d,)
    mean, std     float64, (C, H, W), (C, 1, 1) or () so that they broadcast over (C, H, W); for
                  vectors (d,) or ()
    class_names   None for a regression
    inputs        type of the raw inputs that it was trained on, and their range; None where the
                  checkpoint does not tell
    facts         what it comes from, as text by name: nothing of them is a path, a user or a time
    """

    axes: Axes
    input_shape: Shape
    mean: Array
    std: Array
    steps: Sequence[Step]
    class_names: tuple[str, ...] | None
    flip: bool
    inputs: tuple[str, float, float] | None
    facts: Mapping[str, str]

    @classmethod
    def of(cls, model: Model, *, fold: bool = True) -> Program:
        """What `model` computes; with `fold` without the batch normalisations that the layer before
        takes in.  Dropout, which does nothing here, is left out.

        Raises UsageError where a parameter is not finite in float32.
        """
        network, standardizer = model.network, model.standardizer
        steps = _steps(model, fold)
        for step in steps:
            for name, array in step.arrays.items():
                if not np.isfinite(array).all():
                    raise UsageError(
                        f"{shown_path(model.path)}: {step.name}/{name} has values that are not "
                        "finite in float32"
                    )
        inner = len(network.input_shape) == 3
        return cls(
            axes=model.config.data.axis_order,
            input_shape=network.input_shape,
            mean=_inner(standardizer.mean, inner),
            std=_inner(standardizer.std, inner),
            steps=steps,
            class_names=model.class_names,
            flip=model.flip,
            inputs=None
            if model.inputs is None
            else (model.inputs.dtype, model.inputs.minimum, model.inputs.maximum),
            facts=_facts(model),
        )

    @cached_property
    def mean_parts(self) -> tuple[Array, ...]:
        """float32 arrays that add up to the mean, to be subtracted one after the other: two where
        the rounding of one would show beside the deviations."""
        mean = self.mean.astype(np.float32)
        rest = self.mean - mean
        rounded = (np.abs(rest) > ROUNDING * self.std).any()
        return (mean, rest.astype(np.float32)) if rounded else (mean,)

    @property
    def inner_shape(self) -> Shape:
        """Of one input in front of the first step: (C, H, W) or (d,)."""
        *size, channels = self.input_shape
        return (channels, *size) if size else self.input_shape

    @cached_property
    def raw_shape(self) -> Shape:
        """Of one raw input, with the axes that `predict` takes."""
        shape = self.input_shape
        if len(shape) == 1:
            return shape
        size = shape[1:-1] if "L" in self.axes else shape[:-1]
        return (shape[-1], *size) if self.axes in {"NCHW", "NCL"} else (*size, shape[-1])

    @property
    def outputs(self) -> int:
        """Classes, or entries of a target."""
        return self.steps[-1].after[0]

    def raw(self, x: Array) -> Array:
        """Inputs as data sets hold them, (N, H, W, C) or (N, d), with the axes of raw inputs."""
        if x.ndim == 4 and self.axes in {"NCHW", "NCL"}:
            x = np.moveaxis(x, -1, 1)
        return np.ascontiguousarray(x).reshape(len(x), *self.raw_shape)


def _steps(model: Model, fold: bool) -> list[Step]:
    network = model.network
    layout, numbers = Layout(network.all_layers, network.shapes), range(len(network.all_layers))
    buffers = network.initial_buffers() if model.buffers is None else model.buffers
    vectors, kept = (model.w, buffers), list(numbers)
    if fold:
        folding = Folding(layout)
        layout, kept, vectors = folding.layout, folding.kept, folding.vectors(*vectors)
    shapes = [network.shapes[0], *(network.shapes[k + 1] for k in kept)]
    return [
        Step(
            network.names[k],
            layer,
            {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()},
            before,
            after,
        )
        for k, layer, arrays, before, after in zip(
            kept, layout.layers, layout.views(*vectors), shapes, shapes[1:], strict=False
        )
        if not isinstance(layer, Dropout)
    ]


def _inner(values: Array, images: bool) -> Array:
    """Statistics (), (C,), (H, W, C) or (d,) so that they broadcast over (C, H, W) or (d,)."""
    if not images or values.ndim == 0:
        return values
    inner = values[:, None, None] if values.ndim == 1 else np.moveaxis(values, -1, 0)
    return np.ascontiguousarray(inner)


def _facts(model: Model) -> dict[str, str]:
    config = config_for_checkpoint(model.config)
    kept = {key: value for key, value in config.items() if key not in {"data", "start_from"}}
    return {
        "epoch": str(model.epoch),
        "config": json.dumps(kept, separators=(",", ":")),
        "data_sha256": model.data_hash,
        **_measured(model),
    }


def _measured(model: Model) -> dict[str, str]:
    """What the run measured of this network on its validation part, if it did."""
    row = model.row
    if row is None or model.flip != model.config.evaluate.flips_in_training:
        return {}
    loss, error = row.validation_loss, row.validation_error
    if model.weights == "average":
        loss, error = row.average_validation_loss, row.average_validation_error
    found = {
        "validation_loss": loss,
        "validation_accuracy": None if error is None else 1 - error,
    }
    return {name: f"{value:.6g}" for name, value in found.items() if value is not None}
