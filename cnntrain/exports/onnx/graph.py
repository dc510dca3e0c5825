"""A graph of ONNX operators, as it grows node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Graph:
    """Nodes in the order in which they compute, and the constants that they read.

    Values are known by their names.  A node is called after the layer that it belongs to, and after
    its operator: "conv1/Conv".
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}
        self._names: set[str] = set()
        self._layer = ""

    def enter(self, layer: str) -> None:
        """What follows belongs to `layer`."""
        self._layer = layer

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One more node; the name of its output."""
        from onnx import helper

        name = self._free(f"{self._layer}/{operator}")
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, what: str, value: Any, kind: Any = np.float32) -> str:
        """The name of a constant, `what` being what it is to the layer, such as "weight"."""
        name = self._free(f"{self._layer}/{what}")
        self.constants[name] = np.ascontiguousarray(value, dtype=kind).reshape(np.shape(value))
        return name

    def whole(self, what: str, *values: int) -> str:
        """A constant list of whole numbers, such as a shape."""
        return self.constant(what, values, np.int64)

    def _free(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        return name
