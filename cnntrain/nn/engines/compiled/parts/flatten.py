"""Flatten before anything else: after a part in C it changes nothing in memory."""

from __future__ import annotations

from dataclasses import replace

from cnntrain.nn.engines.compiled.parts.dense import dense
from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.point import identity
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.layers import Dense


def flatten(site: Site) -> Part:
    """The part that begins with a flatten: a dense layer that reads images, or a copy."""
    if type(site.after(1)) is not Dense:
        return replace(identity(site), output=site.input, flat=True)
    part = dense(replace(site, k=site.k + 1))
    layers = range(site.k, part.layers.stop)
    return replace(part, layers=layers, input=site.input, room=site.input)
