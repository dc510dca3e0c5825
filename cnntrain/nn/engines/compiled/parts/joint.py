"""Joints of residual blocks, and the rectifier that follows a sum (joints.h)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.rectifier import rectifier
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE, ActivationC, ImageC
from cnntrain.nn.layers.joints import Branch, Joint, Sum


class JointC(ctypes.Structure):
    """A joint."""

    _fields_: ClassVar[Any] = [
        *OF_EVERY_STAGE,
        *((name, ctypes.c_int64) for name in ("channels", "height", "width")),
        *((name, ImageC) for name in ("inside", "other", "dother")),
        ("activation", ActivationC),
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class JointPart(Part):
    """A joint, and the rectifier that follows a sum."""

    joint: Joint
    activation: ActivationC | None

    @property
    def passes_on(self) -> bool:
        return isinstance(self.joint, Branch)

    def structure(self) -> Any:
        channels, *size = self.output
        height, width = size or (1, 1)
        result = JointC(channels=channels, height=height, width=width)
        if self.activation:
            result.activation = self.activation
        return result


def joint(site: Site) -> Part:
    """The part that begins with a joint."""
    layer: Joint = site.layer
    activation = rectifier(site.after(1)) if isinstance(layer, Sum) else None
    return JointPart(
        **site.fields(1 if activation is None else 2),
        function=layer.word(),
        joint=layer,
        activation=activation,
    )
