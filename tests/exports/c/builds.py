"""Exported networks compiled together: one program that answers for many of them."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np

from cnntrain.data.input_range import InputRange
from cnntrain.exports.c.target import C
from cnntrain.exports.program import Program

from ..cases import KINDS, model, raw

COUNT = 3  # inputs of each
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-pedantic"]
WARNINGS += ["-Wconversion", "-Wdouble-promotion"]
BYTES = InputRange("uint8", 0, 255)
STEP = """
    {{
        static {kind} input[{upper}_INPUTS];
        static float output[{upper}_OUTPUTS];
        for (int k = 0; k < {count}; k++) {{
            if (fread(input, sizeof input, 1, stdin) != 1) return 1;
            {name}_predict(input, output);
            fwrite(output, sizeof output, 1, stdout);
        }}
    }}
"""


class Export:
    """A case as C, with options that `number` chooses."""

    def __init__(self, number, case, form=None, fold=True):
        layers, shape = case
        form = C() if form is None else form
        self.name, self.form, images = f"m{number}", form, len(shape) == 3
        of_bytes = number % 2 == 0
        self.model = model(
            layers,
            shape,
            KINDS[number % 3],
            flip=images and number % 4 > 1,
            inputs=BYTES if of_bytes else None,
        )
        self.held = form.held(self.model)
        pair = ("NLC", "NCL") if images and shape[1] == 1 else ("NHWC", "NCHW")
        self.program = replace(Program.of(self.held, fold=fold), axes=pair[number // 3 % 2])
        self.files = form.write(self.program, self.name)
        self.kind = "uint8_t" if of_bytes else "float"
        self.x = raw(self.model.network.input_shape, COUNT)
        if not of_bytes:
            self.x = self.x.astype(np.float32) + np.float32(0.25)
        self.given = self.program.raw(self.x)
        self.expected = self.held.outputs(self.x)

    def write(self, folder):
        place = folder / self.name
        place.mkdir()
        for file, content in self.files.items():
            (place / file).write_bytes(content)
        return place / "model.c"


def program_of(exports, folder, command):
    """The program that a compiler makes of all of them."""
    sources = [str(export.write(folder)) for export in exports]
    heads = [f'#include "{export.name}/model.h"' for export in exports]
    steps = [
        STEP.format(kind=one.kind, name=one.name, upper=one.name.upper(), count=COUNT)
        for one in exports
    ]
    text = "\n".join(
        ["#include <stdio.h>", *heads, "int main(void) {", *steps, "return 0;", "}", ""]
    )
    (folder / "all.c").write_text(text)
    command = [*command, *WARNINGS, *sources, "all.c", "-lm", "-o", "all"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "all"


def check(exports, command):
    """Every one answers as here."""
    given = b"".join(export.given.tobytes() for export in exports)
    done = subprocess.run(command, input=given, capture_output=True)
    assert done.returncode == 0, done.stderr
    found, start = np.frombuffer(done.stdout, np.float32), 0
    for export in exports:
        end = start + export.expected.size
        there = found[start:end].reshape(export.expected.shape)
        np.testing.assert_allclose(there, export.expected, rtol=0, atol=1e-5, err_msg=export.name)
        start = end
    assert start == len(found)
