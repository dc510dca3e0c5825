"""A step of training, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerNorms:
    """Of each layer with parameters, by its number, from 0:

    gradient   norm of its part of the gradient at w_(t-1), before it was clipped; None where the
               optimizer asked for none
    weight     of w_(t-1)
    step       of w_t - w_(t-1)
    """

    gradient: dict[int, float] | None
    weight: dict[int, float]
    step: dict[int, float]
