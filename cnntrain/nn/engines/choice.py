"""Which engine computes a network: `compute.engine` of a config."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.engine import Engine
from cnntrain.nn.engines.numpy.engine import NumpyEngine

Conv = Literal["auto", "im2col", "winograd"]


class NoEngineError(Exception):
    """The engine that is asked for cannot run here; the message says why."""


def engine(name: Literal["auto", "numpy", "compiled"] = "auto", conv: Conv = "auto") -> Engine:
    """The engine `name`; auto is the compiled one where its library can be loaded, else NumPy.

    conv   as `compute.conv`

    Raises NoEngineError where the compiled one is asked for, and there is no library.
    """
    if name == "numpy":
        return NumpyEngine(conv)
    library = load()
    if not isinstance(library, str):
        return CompiledEngine(library, conv)
    if name == "compiled":
        raise NoEngineError(library)
    plain = NumpyEngine(conv)
    text = f"{plain.library_text}, because there is no compiled engine: {library}"
    return replace(plain, library_text=text)
