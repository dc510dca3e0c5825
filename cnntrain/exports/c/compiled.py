"""Running exported C here: what a compiler makes of it, on standard input and output."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.exports.target import Files
from cnntrain.nn.engines.compiled.build import CannotCompile, compiler
from cnntrain.storage import durable

Array = NDArray[Any]
FLAGS = ["-std=c99", "-O3"]

# Outputs of inputs, as bytes, until there are no more.
FILTER = """\
#include <stdio.h>
#include "model.h"
int main(void) {{
    static {kind} input[{upper}_INPUTS];
    static float output[{upper}_OUTPUTS];
    while (fread(input, sizeof input, 1, stdin) == 1) {{
        {name}_predict(input, output);
        fwrite(output, sizeof output, 1, stdout);
    }}
    return 0;
}}
"""


def outputs(files: Files, name: str, kind: str, raw: Array) -> Array | str:
    """Those (N, e) of the network `name` for raw inputs (N, ...) of its type `kind`; or why there
    are none."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for file in ("model.h", "model.c"):
            durable.write(place / file, files[file])
        text = FILTER.format(name=name, upper=name.upper(), kind=kind)
        durable.write(place / "filter.c", text.encode())
        try:
            _run([*compiler(), *FLAGS, "model.c", "filter.c", "-lm", "-o", "filter"], place)
            made = _run([str(place / "filter")], place, _as_type(raw, kind).tobytes())
        except CannotCompile as error:
            return str(error)
    return np.frombuffer(made, np.float32).reshape(len(raw), -1)


def _as_type(raw: Array, kind: str) -> Array:
    return raw.astype(np.uint8 if kind == "uint8_t" else np.float32)


def _run(command: list[str], folder: Path, given: bytes = b"") -> bytes:
    """What it writes on standard output.  Raises CannotCompile."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, cwd=folder, check=False)
    except OSError as error:
        raise CannotCompile(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["it fails"]
        line = next((line for line in lines if "error" in line), lines[0])
        raise CannotCompile(f"{Path(command[0]).name}: {line.strip()}")
    return done.stdout
