"""The text of model.h, model.c and main.c."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

import cnntrain
from cnntrain.exports.c.calls import Call
from cnntrain.exports.c.library import functions
from cnntrain.exports.c.plan import OUTPUT, Operation, Plan
from cnntrain.exports.c.standardize import input_type, standardize
from cnntrain.exports.c.words import WIDTH, Names, braces, numbers, string
from cnntrain.exports.program import Program
from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.shapes import Shape

Array = NDArray[Any]
FLOAT = 4  # bytes
TYPES = {"float32": "float", "int8": "int8_t"}


@dataclass(frozen=True)
class Source:
    """A program called `name`, a word, and where its values lie."""

    program: Program
    plan: Plan
    name: str

    @property
    def memory(self) -> int:
        """Bytes that the values take while it runs."""
        return FLOAT * self.plan.memory

    @property
    def constants(self) -> int:
        """Bytes of the arrays of the layers."""
        calls = (operation.call for operation in self.plan.operations)
        return sum(array.nbytes for call in calls for array in call.constants.values())

    # The files -------------------------------------------------------------------------------

    @cached_property
    def header(self) -> str:
        """model.h"""
        upper, classes = self.name.upper(), self.program.class_names is not None
        lines = [
            f"// {self.name}, a network trained with cnntrain {cnntrain.__version__} "
            f"(epoch {self.program.facts['epoch']}).",
            f"#ifndef {upper}_MODEL_H",
            f"#define {upper}_MODEL_H",
            "",
            "#include <stdint.h>",
            "",
            f"#define {upper}_INPUTS {self._inputs}  // {self._axes}",
            f"#define {upper}_OUTPUTS {self.program.outputs}",
            f"#define {upper}_MEMORY {self.memory}  // bytes of static memory",
            "",
            "#ifdef __cplusplus",
            'extern "C" {',
            "#endif",
            "",
        ]
        if classes:
            lines += [f"extern const char *const {self.name}_classes[{upper}_OUTPUTS];", ""]
        what = "The probabilities of the classes" if classes else "The outputs"
        return "\n".join(
            [
                *lines,
                f"// {what} for one input as it is stored, not standardised.",
                "// It works in static memory: one call at a time.",
                f"{self._signature};",
                "",
                "#ifdef __cplusplus",
                "}",
                "#endif",
                "",
                "#endif",
                "",
            ]
        )

    @cached_property
    def code(self) -> str:
        """model.c"""
        used = [operation.call.function for operation in self.plan.operations]
        headers, library = functions(used)
        upper = self.name.upper()
        memory = f"static float memory[{upper}_MEMORY / sizeof(float)];\n"
        parts = [
            "// The functions that layers are made of, the layers, the network, and its numbers.\n",
            "".join(f"#include <{header}>\n" for header in headers),
            '#include "model.h"\n',
            library,
            standardize(self.program),
            *(self._declared(*pair) for pair in self._named),
            memory if self.plan.memory else "",
            self._network,
            self._classes,
            *(self._defined(*pair) for pair in self._named),
        ]
        return "\n".join(part for part in parts if part)

    @cached_property
    def main(self) -> str:
        """main.c"""
        kind, upper = input_type(self.program), self.name.upper()
        classes = self.program.class_names is not None
        answer = [
            "    int likeliest = 0;",
            f"    for (int k = 1; k < {upper}_OUTPUTS; k++)",
            "        if (output[k] > output[likeliest]) likeliest = k;",
            f'    printf("%s\\n", {self.name}_classes[likeliest]);',
            f"    for (int k = 0; k < {upper}_OUTPUTS; k++)",
            f'        printf("%.6f  %s\\n", (double)output[k], {self.name}_classes[k]);',
        ]
        if not classes:
            answer = [
                f"    for (int k = 0; k < {upper}_OUTPUTS; k++)",
                '        printf("%.9g\\n", (double)output[k]);',
            ]
        what = "The likeliest class, and the probabilities of all," if classes else "The outputs"
        return "\n".join(
            [
                f"// {what} of one input that is read from standard input as",
                f"// {upper}_INPUTS numbers of type {kind}, and nothing else.",
                "#include <stdio.h>",
                "",
                '#include "model.h"',
                "",
                "int main(void) {",
                f"    static {kind} input[{upper}_INPUTS];",
                f"    static float output[{upper}_OUTPUTS];",
                "    const size_t found = fread(input, 1, sizeof input, stdin);",
                "    if (found < sizeof input || getchar() != EOF) {",
                '        fprintf(stderr, "found %s than the %lu bytes of one input\\n",',
                '                found < sizeof input ? "less" : "more", '
                "(unsigned long)sizeof input);",
                "        return 2;",
                "    }",
                f"    {self.name}_predict(input, output);",
                *answer,
                "    return 0;",
                "}",
                "",
            ]
        )

    # Their parts -----------------------------------------------------------------------------

    @property
    def _inputs(self) -> int:
        return self.plan.sizes[0]

    @property
    def _axes(self) -> str:
        """What the numbers of a raw input are, the last one changing fastest."""
        shape = self.program.raw_shape
        letters = self.program.axes[1:] if len(shape) > 1 else ""
        words = {"H": "rows", "W": "columns", "L": "steps", "C": "channels"}
        if not letters:
            return "numbers"
        return " x ".join(f"{n} {words[axis]}" for n, axis in zip(shape, letters, strict=True))

    @property
    def _signature(self) -> str:
        upper, kind = self.name.upper(), input_type(self.program)
        return (
            f"void {self.name}_predict(const {kind} input[{upper}_INPUTS], "
            f"float output[{upper}_OUTPUTS])"
        )

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
        mirrored = ", mirrored" if self.program.flip else ""
        calls = [f"    standardize(input{mirrored}, {self.plan.places[0]});", ""]
        for number, (word, operation) in enumerate(self._named):
            places = [self.plan.places[value] for value in (*operation.inputs, number + 1)]
            calls += [
                f"    // {operation.step.name} -> {_size(operation.step.after)}",
                _call(operation.call, word, places),
            ]
        if not self.program.flip:
            return "\n".join([f"{self._signature} {{", *calls, "}", ""])
        kind, upper = input_type(self.program), self.name.upper()
        return "\n".join(
            [
                f"static void network(const {kind} input[], int mirrored, float output[]) {{",
                *calls,
                "}",
                "",
                "// The mean of the outputs for the input and for its mirror image.",
                f"{self._signature} {{",
                f"    float other[{upper}_OUTPUTS];",
                f"    network(input, 0, {OUTPUT});",
                "    network(input, 1, other);",
                f"    for (int k = 0; k < {upper}_OUTPUTS; k++) "
                "output[k] = (output[k] + other[k]) / 2;",
                "}",
                "",
            ]
        )

    @property
    def _classes(self) -> str:
        names = self.program.class_names
        if names is None:
            return ""
        head = f"const char *const {self.name}_classes[{self.name.upper()}_OUTPUTS]"
        return f"{head} = {braces(map(string, names))};\n"


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
    return textwrap.fill(
        f"{call.function}({', '.join([*arguments, *places])});",
        WIDTH,
        initial_indent="    ",
        subsequent_indent=" " * (5 + len(call.function)),
        break_long_words=False,
        break_on_hyphens=False,
    )
