"""Checks of the keys that shape a step along one gradient: the optimizer must take such steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnntrain.config.source.positions import KeyPath, Problem, dotted
from cnntrain.optim.methods import OPTIMIZERS
from cnntrain.optim.methods.optimizer import GradientMethod


def check_steps(
    values: Mapping[str, Any], lists: Iterable[tuple[KeyPath, list[Any]]]
) -> Iterator[Problem]:
    """A problem for each of those keys, where an optimizer asks for more than one gradient.

    lists   of layers, by their paths
    """
    other = next(
        (kind for kind in _optimizers(values) if not issubclass(kind, GradientMethod)), None
    )
    if other is None:
        return
    words = [kind.word() for kind in OPTIMIZERS if issubclass(kind, GradientMethod)]
    for path, neutral in _shaping(values, lists):
        yield Problem(
            path,
            f"{dotted(path)} with optimizer {other.word()}, expected {', '.join(words[:-1])} or "
            f"{words[-1]}, which step along one gradient (or {dotted(path)}: {neutral})",
        )


def _optimizers(values: Mapping[str, Any]) -> Iterator[type[Any]]:
    """The kinds of the optimizers, as far as they are known."""
    phases = values.get("phases", "none")
    for phase in phases if isinstance(phases, list) else [values]:
        if isinstance(phase, Mapping) and (kind := OPTIMIZERS.get(phase.get("optimizer"))):
            yield kind


def _shaping(
    values: Mapping[str, Any], lists: Iterable[tuple[KeyPath, list[Any]]]
) -> Iterator[tuple[KeyPath, str]]:
    """The paths of the keys in use, each with the value that shapes nothing."""
    if values.get("gradient_clip", "none") != "none":
        yield ("gradient_clip",), "none"
    start = values.get("start_from")
    if isinstance(start, Mapping) and start.get("freeze"):
        yield ("start_from", "freeze"), "[]"
    for path, layers in lists:
        for index, layer in enumerate(layers):
            if isinstance(layer, Mapping) and layer.get("rate_factor", 1) != 1:
                yield (*path, index, "rate_factor"), "1.0"
