"""The layers of a network, one class a type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Tag, WithJsonSchema

from cnntrain.settings import Section
from cnntrain.settings.types import (
    AList,
    AnInteger,
    AWord,
    Count,
    NotNegative,
    Number,
    Positive,
    Size,
    Whole,
    from_list,
    tagged,
    written,
)


class Gaussian(Section):
    """Normal weights of a given standard deviation."""

    type: Literal["gaussian"]
    std: Positive = Field(description="Standard deviation of the weights.")


class Constant(Section):
    """All weights equal."""

    type: Literal["constant"]
    value: float = Field(description="The weight.")


class HeNormal(Section):
    """The same as the word he_normal."""

    type: Literal["he_normal"]


class GlorotUniform(Section):
    """The same as the word glorot_uniform."""

    type: Literal["glorot_uniform"]


def _shortest(value: Any) -> Any:
    """{type: he_normal} says no more than he_normal."""
    alone = isinstance(value, Mapping) and set(value) == {"type"}
    return value["type"] if alone and value["type"] in ("he_normal", "glorot_uniform") else value


_Word = Annotated[Literal["he_normal", "glorot_uniform", "zeros"], AWord]
_Gaussian = Annotated[Gaussian, Tag("<gaussian>")]
_Constant = Annotated[Constant, Tag("<constant>")]
_HeNormal = Annotated[HeNormal, Tag("<he_normal>")]
_GlorotUniform = Annotated[GlorotUniform, Tag("<glorot_uniform>")]
Init = Annotated[
    _Word | _Gaussian | _Constant | _HeNormal | _GlorotUniform,
    tagged("type"),
    BeforeValidator(_shortest),
]
Padding = Annotated[
    Annotated[Literal["valid", "same"], AWord]
    | Annotated[Whole, AnInteger]
    | Annotated[
        tuple[Whole, Whole, Whole, Whole],
        from_list,
        Field(title="a list [top, bottom, left, right]"),
        AList,
    ],
    tagged(),
]


def _one_of_three(value: float) -> float:
    if value not in (0, 0.5, 1):
        raise ValueError("not one of 0, 0.5 and 1")
    return value


HalfSteps = Annotated[float, AfterValidator(_one_of_three), WithJsonSchema({"enum": [0, 0.5, 1]})]


LayerName = Annotated[
    Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$",
            title="a name of letters, digits, _ and -, a letter first, at most 100 in all",
        ),
    ]
    | None,
    written,
    Field(
        description="Name of the layer, unique in the network, under which the checkpoint keeps "
        "its weights. Default: the type and a number counted by type from 1, such as conv1.",
    ),
]


class Conv(Section):
    """Convolution with learned kernels."""

    type: Literal["conv"]
    filters: Count = Field(description="Number of kernels, which is the number of output channels.")
    kernel: Size = Field(description="Height and width of a kernel in pixels; one number for both.")
    stride: Size = Field(
        default=1, description="Steps of the kernel down and to the right, in pixels."
    )
    padding: Padding = Field(
        default="valid",
        description="Zeros around the image, in pixels: valid for none, same for "
        "ceil(size / stride) outputs, a number for all four sides, or each side.",
    )
    bias: bool = Field(default=True, description="Whether each output channel has a bias.")
    init: Init = Field(default="he_normal", description="Initial weights; biases start at 0.")
    name: LayerName = None


class ReLU(Section):
    """Rectified linear unit, max(0, x)."""

    type: Literal["relu"]
    derivative_at_zero: HalfSteps = Field(default=1.0, description="Derivative taken at x = 0.")
    radius: NotNegative = Field(
        default=0.0,
        description="Round out the cusp: within this distance of 0 a parabola that joins smoothly.",
    )
    name: LayerName = None


class MaxPool(Section):
    """The largest entry of each window."""

    type: Literal["max_pool"]
    window: Size = Field(description="Height and width of a window in pixels; one number for both.")
    stride: Size = Field(
        default_factory=lambda data: data["window"],
        description="Steps of the window down and to the right, in pixels. Default: the window.",
    )
    ties: Literal["random", "first", "split"] = Field(
        default="random",
        description="Which of several largest entries gets the gradient: one drawn at random, "
        "the first row by row, or all in equal parts.",
    )
    smooth: Number = Field(
        default="none",
        description="beta of log-sum-exp pooling, (1 / beta) log sum exp(beta x), which tends to "
        "the maximum as beta grows; none for the maximum itself.",
    )
    name: LayerName = None


class Flatten(Section):
    """From images (H, W, C) to vectors, in the order (C, H, W)."""

    type: Literal["flatten"]
    name: LayerName = None


class Dense(Section):
    """Fully connected layer."""

    type: Literal["dense"]
    units: Count = Field(description="Number of outputs.")
    bias: bool = Field(default=True, description="Whether each output has a bias.")
    init: Init = Field(default="he_normal", description="Initial weights; biases start at 0.")
    name: LayerName = None


class Softmax(Section):
    """Soft-max: outputs are positive and sum to 1. Only as the last layer."""

    type: Literal["softmax"]
    name: LayerName = None


AnyLayer = Annotated[
    Annotated[Conv, Tag("<conv>")]
    | Annotated[ReLU, Tag("<relu>")]
    | Annotated[MaxPool, Tag("<max_pool>")]
    | Annotated[Flatten, Tag("<flatten>")]
    | Annotated[Dense, Tag("<dense>")]
    | Annotated[Softmax, Tag("<softmax>")],
    tagged("type"),
]


def full_names(layers: Sequence[tuple[str, str | None]]) -> list[str]:
    """Names for layers of the given types and given names, those not given made up: conv1, relu1,
    conv2 ..., where the number counts the type's layers."""
    counts: dict[str, int] = {}
    names = []
    for kind, name in layers:
        counts[kind] = counts.get(kind, 0) + 1
        names.append(name or f"{kind}{counts[kind]}")
    return names
