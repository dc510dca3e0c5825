"""The function that makes of a raw input what the first layer takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.exports.c.interface import input_type
from cnntrain.exports.c.words import number, numbers
from cnntrain.exports.program import Program

Array = NDArray[Any]


def standardize(program: Program) -> str:
    """Its text, and that of its constants."""
    constants, value = _standardised(program)
    lines = _copied(program, value)
    kind, mirrored = input_type(program), ", int mirrored" if program.flip else ""
    of = "one input or its mirror image" if program.flip else "one input"
    what = f"// The numbers of {of} as the first layer takes them, channel by channel."
    head = f"static void standardize(const {kind} input[]{mirrored}, float x[]) {{"
    return "\n".join([*constants, what, head, *lines, "}", ""])


def _standardised(program: Program) -> tuple[list[str], str]:
    """Definitions of constants, and the number that becomes of `input[FROM]` at `TO` in channel c.

    Bytes are scaled and shifted, as `predict` does it.
    """
    mean, std = program.mean, program.std
    if not mean.any() and (std == 1).all():
        return [], "(float)input[FROM]" if input_type(program) == "uint8_t" else "input[FROM]"
    if input_type(program) == "uint8_t":
        lines, (scale, shift) = _constants(scale=1 / std, shift=-mean / std)
        return lines, f"(float)input[FROM] * {scale} + {shift}"
    parts = dict(zip(("mean", "mean_rest"), program.mean_parts, strict=False))
    lines, (*means, deviation) = _constants(**parts, std=std)
    return lines, f"({' - '.join(['input[FROM]', *means])}) / {deviation}"


def _constants(**arrays: Array) -> tuple[list[str], list[str]]:
    """Their definitions, and how each is used: with indices, or as a number if it is one."""
    lines, uses = [], []
    for name, array in arrays.items():
        values = array.astype(np.float32)
        if values.size == 1:
            text = number(values.item())
            uses.append(f"({text})" if text.startswith("-") else text)
        else:
            lines += [f"static const float input_{name}[{values.size}] = {numbers(values)};", ""]
            uses.append(f"input_{name}[{'c' if values.shape[1:] == (1, 1) else 'TO'}]")
    return lines, uses


def _copied(program: Program, value: str) -> list[str]:
    """Loops over all numbers of one input."""
    channels, size, width = _sizes(program)
    last = program.axes in {"NHWC", "NLC"} and channels > 1
    if not program.flip:
        to = f"c * {size} + k" if channels > 1 else "k"
        source = f"k * {channels} + c" if last else to
        loops = [f"for (int k = 0; k < {size}; k++)"]
    else:
        loops = [f"for (int i = 0; i < {size // width}; i++)"] if size > width else []
        loops.append(f"for (int j = 0; j < {width}; j++)")
        row = f"i * {width} + " if size > width else ""
        pixel, from_pixel = f"{row}j", f"{row}(mirrored ? {width - 1} - j : j)"
        front = f"c * {size} + " if channels > 1 else ""
        to = front + pixel
        source = f"({from_pixel}) * {channels} + c" if last else front + from_pixel
    if channels > 1:
        loops.insert(0, f"for (int c = 0; c < {channels}; c++)")
    filled = value.replace("FROM", source).replace("TO", to)
    lines = [f"{'    ' * (depth + 1)}{loop}" for depth, loop in enumerate(loops)]
    return [*lines, f"{'    ' * (len(loops) + 1)}x[{to}] = {filled};"]


def _sizes(program: Program) -> tuple[int, int, int]:
    """Channels, entries of each, and entries of a row; a vector is one channel."""
    shape = program.inner_shape
    if len(shape) == 1:
        return 1, shape[0], shape[0]
    return shape[0], math.prod(shape[1:]), shape[2]
