"""What a program in C sees of an exported network: names, types and sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cnntrain.exports.program import Program

AXES = {"H": "ROWS", "W": "COLUMNS", "L": "STEPS", "C": "CHANNELS"}


def input_type(program: Program) -> str:
    """Of the numbers of a raw input: bytes where it was trained on bytes."""
    is_bytes = program.inputs is not None and program.inputs[0] == "uint8"
    return "uint8_t" if is_bytes else "float"


@dataclass(frozen=True)
class Interface:
    """Of a program called `name`, a word."""

    program: Program
    name: str

    @property
    def type(self) -> str:
        """Of the numbers of a raw input."""
        return input_type(self.program)

    @property
    def classifies(self) -> bool:
        """Whether there are names of classes, and outputs are their probabilities."""
        return self.program.class_names is not None

    @property
    def inputs(self) -> str:
        """The macro for how many numbers a raw input has."""
        return self.macro("INPUTS")

    @property
    def outputs(self) -> str:
        """The macro for how many outputs there are."""
        return self.macro("OUTPUTS")

    def macro(self, word: str) -> str:
        """The one called `word`, such as "DIGITS_ROWS"."""
        return f"{self.name.upper()}_{word}"

    @property
    def sizes(self) -> dict[str, int]:
        """The macros for the axes of a raw input, the last one changing fastest; none of a
        vector."""
        shape = self.program.raw_shape
        axes = self.program.axes[1:] if len(shape) > 1 else ""
        return {self.macro(AXES[axis]): size for axis, size in zip(axes, shape, strict=False)}

    @property
    def numbers(self) -> str:
        """How many a raw input has, in terms of those macros."""
        if self.sizes:
            return f"({' * '.join(self.sizes)})"
        return str(math.prod(self.program.raw_shape))

    @property
    def signature(self) -> str:
        """Of the function that predicts."""
        return (
            f"void {self.name}_predict(const {self.type} input[{self.inputs}], "
            f"float output[{self.outputs}])"
        )

    @property
    def classes(self) -> str:
        """The array of their names, as it is declared."""
        return f"const char *const {self.name}_classes[{self.outputs}]"
