"""How a gradient becomes a step, one class an optimizer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from cnntrain.config.base import AWord, Count, NotNegative, Positive, Section, tagged

Share = Annotated[float, Field(ge=0, lt=1)]
WeightDecay = Annotated[
    NotNegative,
    Field(
        description="L2 penalty: this number times a weight is added to its gradient; not for "
        "biases."
    ),
]
Beta1 = Annotated[Share, Field(description="Share that the mean of the gradient keeps.")]
Beta2 = Annotated[Share, Field(description="Share that the mean of its square keeps.")]
Epsilon = Annotated[Positive, Field(description="Keeps the division finite.")]


class SGD(Section):
    """Stochastic gradient descent: v <- momentum v + g, w <- w - rate v."""

    type: Literal["sgd"]
    momentum: Share = Field(
        default=0.0, description="Share of the last step's velocity that is kept."
    )
    weight_decay: WeightDecay = 0.0


class Nesterov(Section):
    """Nesterov's momentum: v <- momentum v + g, w <- w - rate (g + momentum v)."""

    type: Literal["nesterov"]
    momentum: float = Field(
        default=0.9, gt=0, lt=1, description="Share of the last step's velocity that is kept."
    )
    weight_decay: WeightDecay = 0.0


class Adam(Section):
    """Adam (Kingma and Ba 2015): steps scaled by running means of the gradient and its square."""

    type: Literal["adam"]
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    epsilon: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0


class AdamW(Section):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    type: Literal["adamw"]
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    epsilon: Epsilon = 1e-8
    weight_decay: NotNegative = Field(
        default=0.01, description="Share of a weight, times the rate, that each step takes away."
    )


class AdaGrad(Section):
    """AdaGrad (Duchi, Hazan and Singer 2011): divides by the root of the sum of squares."""

    type: Literal["adagrad"]
    epsilon: Epsilon = 1e-10
    weight_decay: WeightDecay = 0.0


class RMSprop(Section):
    """RMSprop (Tieleman and Hinton 2012): steps divided by a running root mean square."""

    type: Literal["rmsprop"]
    rho: Share = Field(default=0.99, description="Share that the mean square keeps.")
    epsilon: Epsilon = 1e-8
    momentum: Share = Field(
        default=0.0, description="Share of the last step's velocity that is kept."
    )
    weight_decay: WeightDecay = 0.0


class GradientDescent(Section):
    """w <- w - a g with a line search for a, meant for batch_size: full (Nocedal and Wright).

    Files and progress show the learning rate, the longest step that is tried, and not a.
    """

    type: Literal["gradient_descent"]
    line_search: Literal["none", "armijo"] = Field(
        default="armijo",
        description="armijo: shorten the step from the learning rate on until the loss falls "
        "enough; none: a is the learning rate.",
    )
    contraction: float = Field(
        default=0.5, gt=0, lt=1, description="What a trial step is shortened by."
    )
    sufficient: float = Field(
        default=1e-4, gt=0, lt=1, description="Share of the predicted fall that is enough."
    )
    longest: Count = Field(default=20, description="Contractions after which w stays.")


class HessianFree(Section):
    """Gauss-Newton steps by conjugate gradients, for full or large batches (Martens 2010).

    learning_rate: 1 takes full steps.
    """

    type: Literal["hessian_free"]
    damping: Positive = Field(default=1.0, description="lambda of G + lambda I at the start.")
    iterations: Count = Field(default=50, description="Of conjugate gradients in a step, at most.")
    tolerance: NotNegative = Field(
        default=5e-4, description="Relative progress per iteration below which they end."
    )


class SPSA(Section):
    """Random directions and two losses a step, no gradient (Spall 1992)."""

    type: Literal["spsa"]
    perturbation: Positive = Field(
        default=0.01, description="c: for the two losses each entry of w moves by +c or -c."
    )


_AnyOptimizer = (
    Annotated[SGD, Tag("<sgd>")]
    | Annotated[Nesterov, Tag("<nesterov>")]
    | Annotated[Adam, Tag("<adam>")]
    | Annotated[AdamW, Tag("<adamw>")]
    | Annotated[AdaGrad, Tag("<adagrad>")]
    | Annotated[RMSprop, Tag("<rmsprop>")]
    | Annotated[GradientDescent, Tag("<gradient_descent>")]
    | Annotated[HessianFree, Tag("<hessian_free>")]
    | Annotated[SPSA, Tag("<spsa>")]
)
AnyOptimizer = Annotated[_AnyOptimizer, tagged("type")]
OptimizerOrNone = Annotated[
    _AnyOptimizer | Annotated[Literal["none"], AWord],
    tagged("type"),
]
