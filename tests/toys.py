"""A toy of each kind that a config can name: one class, and one line that registers it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.data.augment import AUGMENTATIONS, Augmentation
from cnntrain.data.augment.augmentation import Words
from cnntrain.data.examples import Examples, RawData
from cnntrain.data.part import Part
from cnntrain.data.sources import SOURCES, Source
from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.layers.layer import ParameterLayer, Weights
from cnntrain.nn.shapes import Array, Shape
from cnntrain.optim.methods import OPTIMIZERS, State
from cnntrain.optim.methods.optimizer import GradientMethod
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.settings import setting
from cnntrain.settings.types import Count, Positive


class Scale(ParameterLayer):
    """Every entry times one learned number: y = a x, any shape; weight a (1,)."""

    also = "multiply gain"
    keeps_shape: ClassVar[bool] = True
    decayed: ClassVar[tuple[str, ...]] = ("weight",)

    type: Literal["scale"] = "scale"
    start: Positive = setting("The number at first.", 1.0, also="factor")

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (1,)}

    def initial_parameter(self, name: str, shape: Shape, *key: Any) -> Array:
        return np.full(shape, self.start)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        y = np.multiply(w["weight"], x, out=context.array("y", x.shape, x.dtype))
        return y, x if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        dw["weight"][...] = np.sum(dy * cache)  # equation 2
        return dy * w["weight"]  # equation 3


class SignDescent(GradientMethod):
    """Steps of one length in every entry: w <- w - alpha sign(g)."""

    type: Literal["sign_descent"] = "sign_descent"

    def start(self, w: Array) -> State:
        return {"steps": np.zeros(1, dtype=np.int64)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        state["steps"] += 1
        w -= rate * np.sign(gradient)


class Sawtooth(Schedule):
    """The rate falls to a half in each epoch and starts anew: initial (1 - (t mod 1) / 2)."""

    schedule: Literal["sawtooth"] = "sawtooth"
    initial: Positive = setting("The learning rate at the start of an epoch.", also="lr")

    def rate(self, t: float, epochs: int) -> float:
        return self.initial * (1 - (t % 1) / 2)


class Checks(Source):
    """Squares of one brightness or the other: images of 4 x 4, 2 classes."""

    source: Literal["checks"] = "checks"
    count: Count = setting("Number of images.", 40, also="samples")

    def read(self) -> RawData:
        y = np.arange(self.count) % 2
        x = np.repeat(np.where(y, 200, 50), 16).reshape(-1, 4, 4, 1).astype(np.uint8)
        return RawData(Examples(x, y), class_names=("dark", "bright"))


class Transpose(Augmentation):
    """Every second image of n x n, by chance, is mirrored at its diagonal: x'(i, j) = x(j, i)."""

    draws: ClassVar[int] = 1

    type: Literal["transpose"] = "transpose"

    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        chosen = words[:, 0] % 2 == 1
        x[chosen] = x[chosen].swapaxes(1, 2)
        return x


LAYERS.add(Scale)
OPTIMIZERS.add(SignDescent)
SCHEDULES.add(Sawtooth)
SOURCES.add(Checks)
AUGMENTATIONS.add(Transpose)
