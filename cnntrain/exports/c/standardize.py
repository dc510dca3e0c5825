"""The function that makes of a raw input what the first layer takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.exports.c.words import braces, number, numbers
from cnntrain.exports.program import Program

Array = NDArray[Any]


def input_type(program: Program) -> str:
    """Of the numbers of a raw input: bytes where it was trained on bytes."""
    is_bytes = program.inputs is not None and program.inputs[0] == "uint8"
    return "uint8_t" if is_bytes else "float"


def standardize(program: Program) -> str:
    """Bytes are scaled in float, as `predict` does it; others in double, since means may be large
    beside deviations."""
    constants, value = _standardised(program)
    lines = _copied(program, value)
    kind, mirrored = input_type(program), ", int mirrored" if program.flip else ""
    of = "one input or its mirror image" if program.flip else "one input"
    what = f"// The numbers of {of} as the first layer takes them, channel by channel."
    head = f"static void standardize(const {kind} input[]{mirrored}, float x[]) {{"
    return "\n".join([*constants, what, head, *lines, "}", ""])


def _standardised(program: Program) -> tuple[list[str], str]:
    """Constants, and the number that becomes of `input[FROM]` at `TO` in channel c."""
    mean, std = np.broadcast_arrays(program.mean, program.std)
    if not mean.any() and (std == 1).all():
        return [], "(float)input[FROM]" if input_type(program) == "uint8_t" else "input[FROM]"
    at = "" if mean.ndim == 0 else "[c]" if mean.shape[1:] == (1, 1) else "[TO]"
    if mean.size == 1:
        at = ""
    if input_type(program) == "uint8_t":
        pairs = {
            "scale": (1 / std).astype(np.float32),
            "shift": (-mean / std).astype(np.float32),
        }
        texts = {name: _constant(name, values, at) for name, values in pairs.items()}
        value = f"(float)input[FROM] * {texts['scale'][1]} + {texts['shift'][1]}"
    else:
        texts = {
            name: _constant(name, values, at) for name, values in (("mean", mean), ("std", std))
        }
        value = f"(float)((input[FROM] - {texts['mean'][1]}) / {texts['std'][1]})"
    return [line for lines, _ in texts.values() for line in lines], value


def _constant(name: str, values: Array, at: str) -> tuple[list[str], str]:
    """Its definition, and how it is used."""
    double = values.dtype == np.float64
    if not at:
        value = values.item()
        text = repr(value) if double else number(value)
        return [], f"({text})" if value < 0 else text
    kind = "double" if double else "float"
    text = braces(map(repr, values.ravel().tolist())) if double else numbers(values)
    return [f"static const {kind} input_{name}[{values.size}] = {text};", ""], f"input_{name}{at}"


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
    if channels == 1:
        filled = filled.replace("[c]", "[0]")
    lines = [f"{'    ' * (depth + 1)}{loop}" for depth, loop in enumerate(loops)]
    return [*lines, f"{'    ' * (len(loops) + 1)}x[{to}] = {filled};"]


def _sizes(program: Program) -> tuple[int, int, int]:
    """Channels, entries of each, and entries of a row; a vector is one channel."""
    shape = program.inner_shape
    if len(shape) == 1:
        return 1, shape[0], shape[0]
    return shape[0], math.prod(shape[1:]), shape[2]
