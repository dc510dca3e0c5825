"""Evaluation without batch normalisation where it follows a convolution or a dense layer: with
running statistics both are one linear map.

    w z + b  of  z = (x - m) / sqrt(v + epsilon)  and  x = W a + c

    is  W' a + c'  with  W' = s W,  c' = s (c - m) + b  and  s = w / sqrt(v + epsilon)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnntrain.nn.engines.engine import Engine
from cnntrain.nn.execution.batch_pass import BatchPass
from cnntrain.nn.layers import BatchNorm, Conv, Dense, Layer
from cnntrain.nn.layout import Layout
from cnntrain.nn.losses import Loss
from cnntrain.nn.shapes import Array, Shape


@dataclass(frozen=True, eq=False)
class Folding:
    """The layers of a network in a line, without the normalisations that are folded.

    training   the layout of what training goes through
    """

    training: Layout

    @cached_property
    def folded(self) -> list[int]:
        """Numbers of the normalisations that go into the layer before."""
        return [
            k
            for k, layer in enumerate(self.training.layers)
            if k
            and isinstance(layer, BatchNorm)
            and type(self.training.layers[k - 1]) in (Conv, Dense)
        ]

    @cached_property
    def kept(self) -> list[int]:
        """Numbers of the other layers."""
        return [k for k in range(len(self.training.layers)) if k not in self.folded]

    @cached_property
    def layers(self) -> list[Layer]:
        """Those; what is folded into has a bias."""
        return [
            layer.model_copy(update={"bias": True}) if k + 1 in self.folded else layer
            for k in self.kept
            for layer in [self.training.layers[k]]
        ]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Of the input, and of the output of each."""
        return [self.training.shapes[0], *(self.training.shapes[k + 1] for k in self.kept)]

    @cached_property
    def layout(self) -> Layout:
        """Where their arrays lie."""
        return Layout(self.layers, self.shapes)

    def batch_pass(self, engine: Engine, loss: Loss) -> Callable[..., BatchPass]:
        """How a batch goes through them."""
        return engine.batch_pass(engine.stages(self.layers, self.shapes), self.layout, loss)

    def vectors(self, w: Array, buffers: Array) -> tuple[Array, Array]:
        """What `w` and `buffers` of the network are here, new vectors."""
        views = self.training.views(w, buffers)
        layout = self.layout
        here, rest = (np.empty(e.count, w.dtype) for e in (layout.parameters, layout.buffers))
        for vector, entries in ((here, layout.parameters), (rest, layout.buffers)):
            for entry in entries:
                k = self.kept[entry.layer]
                own, after = views[k], views[k + 1] if k + 1 in self.folded else None
                entry.view(vector)[...] = (
                    own[entry.name] if after is None else self._joined(k, entry.name, own, after)
                )
        return here, rest

    def _joined(self, k: int, name: str, own: dict[str, Array], after: dict[str, Array]) -> Array:
        """W' or c', in double precision."""
        norm = self.training.layers[k + 1]
        assert isinstance(norm, BatchNorm)
        double = {key: array.astype(np.float64) for key, array in after.items()}
        scale = double["weight"] / np.sqrt(double["running_var"] + norm.epsilon)
        if name == "bias":
            own_bias = own.get("bias", np.zeros_like(scale))
            return np.asarray(scale * (own_bias - double["running_mean"]) + double["bias"])
        weight = own["weight"]
        return np.asarray(scale.reshape(-1, *(1,) * (weight.ndim - 1)) * weight)
