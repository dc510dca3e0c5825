"""Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cnntrain.optim.methods.adam import AdamMethod
from cnntrain.optim.methods.optimizer import Array
from cnntrain.settings import setting
from cnntrain.settings.types import NotNegative


class AdamW(AdamMethod):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019).

    w <- w - alpha lambda w first, then Adam's step for the bare gradient.
    """

    type: Literal["adamw"] = "adamw"
    weight_decay: NotNegative = setting(
        "Share of a weight, times the rate, that each step takes away.", 0.01, also="decay l2 wd"
    )

    def decay(self, w: Array, gradient: Array, rate: float, weights: Sequence[slice]) -> None:
        if self.weight_decay:
            for part in weights:
                w[part] -= rate * self.weight_decay * w[part]
