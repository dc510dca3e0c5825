"""The text of model.c."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from cnntrain.exports.c.calls import Call
from cnntrain.exports.c.interface import Interface
from cnntrain.exports.c.library import functions
from cnntrain.exports.c.plan import OUTPUT, Operation, Plan
from cnntrain.exports.c.standardize import standardize
from cnntrain.exports.c.words import Names, braces, called, numbers, string
from cnntrain.nn.shapes import Shape
from cnntrain.nn.windows import Windows

Array = NDArray[Any]
TYPES = {"float32": "float", "int8": "int8_t"}


@dataclass(frozen=True)
class Code:
    """Of a network whose values lie as `plan` has it."""

    interface: Interface
    plan: Plan

    @cached_property
    def text(self) -> str:
        """From what functions do to the numbers of the layers."""
        used = [operation.call.function for operation in self.plan.operations]
        headers, library = functions(used)
        size = self.interface.macro("MEMORY")
        memory = f"static float memory[{size} / sizeof(float)];\n"
        parts = [
            "// The functions that layers are made of, the layers, the network, and its numbers.\n",
            "".join(f"#include <{header}>\n" for header in headers),
            '#include "model.h"\n',
            library,
            standardize(self.interface.program),
            *(self._declared(*pair) for pair in self._named),
            memory if self.plan.memory else "",
            self._network,
            self._classes,
            *(self._defined(*pair) for pair in self._named),
        ]
        return "\n".join(part for part in parts if part)

    @cached_property
    def _named(self) -> list[tuple[str, Operation]]:
        """The operations, each with the word that its constants begin with."""
        names = Names("input")
        return [(names.new(operation.step.name), operation) for operation in self.plan.operations]

    def _declared(self, word: str, operation: Operation) -> str:
        """What the network takes of one layer."""
        lines = [f"{_constant(word, name, a)};" for name, a in operation.call.constants.items()]
        if operation.call.windows is not None:
            lines.insert(0, _windows(f"{word}_windows", operation.call.windows))
        return "\n".join([*lines, ""]) if lines else ""

    def _defined(self, word: str, operation: Operation) -> str:
        """The numbers of one layer."""
        constants = operation.call.constants.items()
        return "\n".join(
            f"{_constant(word, name, array)} = {numbers(array)};\n" for name, array in constants
        )

    @property
    def _network(self) -> str:
        """The calls, one after the other."""
        mirrored = ", mirrored" if self.interface.program.flip else ""
        calls = [f"    standardize(input{mirrored}, {self.plan.places[0]});", ""]
        for number, (word, operation) in enumerate(self._named):
            places = [self.plan.places[value] for value in (*operation.inputs, number + 1)]
            calls += [
                f"    // {operation.step.name} -> {_size(operation.step.after)}",
                _call(operation.call, word, places),
            ]
        if not self.interface.program.flip:
            return "\n".join([f"{self.interface.signature} {{", *calls, "}", ""])
        kind, outputs = self.interface.type, self.interface.outputs
        return "\n".join(
            [
                f"static void network(const {kind} input[], int mirrored, float output[]) {{",
                *calls,
                "}",
                "",
                "// The mean of the outputs for the input and for its mirror image.",
                f"{self.interface.signature} {{",
                f"    float other[{outputs}];",
                f"    network(input, 0, {OUTPUT});",
                "    network(input, 1, other);",
                f"    for (int k = 0; k < {outputs}; k++) output[k] = (output[k] + other[k]) / 2;",
                "}",
                "",
            ]
        )

    @property
    def _classes(self) -> str:
        names = self.interface.program.class_names
        return (
            "" if names is None else f"{self.interface.classes} = {braces(map(string, names))};\n"
        )


def _size(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def _constant(word: str, name: str, array: Array) -> str:
    return f"static const {TYPES[array.dtype.name]} {word}_{name}[{array.size}]"


def _windows(name: str, windows: Windows) -> str:
    (height, width), (rows, columns) = windows.size, windows.output
    top, _, left, _ = windows.padding

    def pairs() -> Iterator[str]:
        for key in ("kernel", "stride", "dilation"):
            down, right = getattr(windows, key)
            yield f".{key} = {{{down}, {right}}}"

    lines = [
        f".height = {height}, .width = {width}, .rows = {rows}, .columns = {columns}",
        ", ".join(pairs()),
        f".top = {top}, .left = {left}",
    ]
    return "\n".join(
        [f"static const struct windows {name} = {{", *(f"    {line}," for line in lines), "};"]
    )


def _call(call: Call, word: str, places: list[str]) -> str:
    arguments = [argument.replace("@", f"{word}_") for argument in call.arguments]
    return called(call.function, [*arguments, *places])
