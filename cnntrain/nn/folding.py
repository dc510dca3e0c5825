"""Evaluation without batch normalisation where it follows a convolution or a dense layer: with
running statistics both are one linear map.

    w z + b  of  z = (x - m) / sqrt(v + epsilon)  and  x = W a + c

    is  W' a + c'  with  W' = s W,  c' = s (c - m) + b  and  s = w / sqrt(v + epsilon)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnntrain.nn.layers import BatchNorm, Conv, Dense, Layer
from cnntrain.nn.parameters import Layout, Parameters
from cnntrain.nn.shapes import Array, Shape


@dataclass(frozen=True, eq=False)
class Folding:
    """The layers of a network in a line, without the normalisations that are folded.

    layers, shapes   as they are in training
    layout           of w and buffers there
    """

    all_layers: Sequence[Layer]
    all_shapes: Sequence[Shape]
    layout: Layout

    @cached_property
    def folded(self) -> list[int]:
        """Numbers of the normalisations that go into the layer before."""
        return [
            k
            for k, layer in enumerate(self.all_layers)
            if k and isinstance(layer, BatchNorm) and type(self.all_layers[k - 1]) in (Conv, Dense)
        ]

    @cached_property
    def kept(self) -> list[int]:
        """Numbers of the other layers."""
        return [k for k in range(len(self.all_layers)) if k not in self.folded]

    @cached_property
    def layers(self) -> list[Layer]:
        """Those; what is folded into has a bias."""
        return [
            layer.model_copy(update={"bias": True}) if k + 1 in self.folded else layer
            for k in self.kept
            for layer in [self.all_layers[k]]
        ]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Of the input, and of the output of each."""
        return [self.all_shapes[0], *(self.all_shapes[k + 1] for k in self.kept)]

    @cached_property
    def parameters(self) -> Parameters:
        """Where their arrays lie."""
        pairs = zip(self.layers, self.shapes, strict=False)
        return Parameters(layer.parameter_shapes(shape) for layer, shape in pairs)

    @cached_property
    def buffers(self) -> Parameters:
        """Likewise their buffers."""
        pairs = zip(self.layers, self.shapes, strict=False)
        return Parameters(layer.buffer_shapes(shape) for layer, shape in pairs)

    def vectors(self, w: Array, buffers: Array) -> tuple[Array, Array]:
        """What `w` and `buffers` of the network are here, new vectors."""
        views = self.layout.views(w, buffers)
        here, rest = np.empty(self.parameters.count, w.dtype), np.empty(self.buffers.count, w.dtype)
        for vector, entries in ((here, self.parameters), (rest, self.buffers)):
            for entry in entries:
                k = self.kept[entry.layer]
                own, after = views[k], views[k + 1] if k + 1 in self.folded else None
                entry.view(vector)[...] = (
                    own[entry.name] if after is None else self._joined(k, entry.name, own, after)
                )
        return here, rest

    def _joined(self, k: int, name: str, own: dict[str, Array], after: dict[str, Array]) -> Array:
        """W' or c', in double precision."""
        norm = self.all_layers[k + 1]
        assert isinstance(norm, BatchNorm)
        double = {key: array.astype(np.float64) for key, array in after.items()}
        scale = double["weight"] / np.sqrt(double["running_var"] + norm.epsilon)
        if name == "bias":
            own_bias = own.get("bias", np.zeros_like(scale))
            return np.asarray(scale * (own_bias - double["running_mean"]) + double["bias"])
        weight = own["weight"]
        return np.asarray(scale.reshape(-1, *(1,) * (weight.ndim - 1)) * weight)
