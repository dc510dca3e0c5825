"""What a form that networks are exported in is described by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from cnntrain.exports.program import Program
from cnntrain.models.model import Model

Array = NDArray[Any]
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Target(ABC):
    """One form, with its options as fields.

    word        as `--to` names it
    one_file    whether it is a single file, rather than a folder of some
    compared    samples whose answers are compared with those of `predict`
    """

    word: ClassVar[str]
    one_file: ClassVar[bool] = False
    compared: ClassVar[int] = 256

    @abstractmethod
    def write(self, program: Program, name: str) -> Files:
        """Content by file name.  The same program gives the same bytes.

        name   what the network is called: a word of letters, digits and "_"

        Raises UsageError where the form has nothing for one of the layers.
        """

    @abstractmethod
    def answer(self, files: Files, raw: Array) -> Array | str:
        """The outputs (N, e) that those files give for raw inputs, (N, ...) as `predict` takes
        them; or why nobody here can tell, such as "no C compiler"."""

    def held(self, model: Model) -> Model:
        """`model` with the numbers that the form holds, such as rounded weights, with which its
        answers are compared; `model` itself where they are the same."""
        return model

    def notes(self, program: Program) -> list[str]:
        """What else a user should know, such as the memory that it takes."""
        return []
