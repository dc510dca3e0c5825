"""Soft-max in a call of its own, where the loss does not take it over (softmax.h)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

from cnntrain.nn.engines.compiled.parts.part import Part
from cnntrain.nn.engines.compiled.parts.site import Site
from cnntrain.nn.engines.compiled.structures import OF_EVERY_STAGE


class SoftmaxC(ctypes.Structure):
    """Soft-max."""

    _fields_: ClassVar[Any] = [*OF_EVERY_STAGE, ("outputs", ctypes.c_int64)]


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftmaxPart(Part):
    """A soft-max layer."""

    function: str = "softmax"

    def structure(self) -> Any:
        return SoftmaxC(outputs=self.input[0])


def softmax(site: Site) -> Part:
    """The part of a soft-max layer."""
    return SoftmaxPart(**site.fields())
