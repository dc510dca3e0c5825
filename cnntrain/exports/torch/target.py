"""`--to torch`: model.py and model.safetensors."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from safetensors.numpy import save

from cnntrain.errors import UsageError
from cnntrain.exports.program import Program, Step
from cnntrain.exports.target import Array, Files, Target
from cnntrain.exports.torch.source import means, source
from cnntrain.nn.layers import BatchNorm, Conv
from cnntrain.storage import durable
from cnntrain.text import printable

ASK = """\
import io, sys, numpy as np, torch, model
raw, outputs = np.load(io.BytesIO(sys.stdin.buffer.read())), io.BytesIO()
with torch.inference_mode():
    np.save(outputs, model.load()(torch.from_numpy(raw)).numpy())
sys.stdout.buffer.write(outputs.getvalue())
"""


@dataclass(frozen=True)
class Torch(Target):
    """A module to read, and a state_dict."""

    word: ClassVar[str] = "torch"

    def write(self, program: Program, name: str) -> Files:
        module = source(program, name)
        arrays = {**means(program), "std": program.std.astype(np.float32)}
        for step in program.steps:
            for key, values in _state(step).items():
                arrays[f"{module.paths[step.name]}.{key}"] = values
        # Safetensors takes bytes as they lie, and has no order of several metadata.
        contiguous = {key: np.array(values, order="C") for key, values in arrays.items()}
        facts = json.dumps(dict(program.facts), separators=(",", ":"))
        return {
            "model.py": module.text.encode(),
            "model.safetensors": save(contiguous, metadata={"cnntrain": facts}),
        }

    def answer(self, files: Files, raw: Array) -> Array | str:
        if importlib.util.find_spec("torch") is None:
            return "PyTorch is not installed"
        with tempfile.TemporaryDirectory() as folder:
            for file, content in files.items():
                durable.write(Path(folder, file), content)
            command, given = [sys.executable, "-c", ASK], io.BytesIO()
            np.save(given, raw)
            done = subprocess.run(
                command, input=given.getvalue(), cwd=folder, capture_output=True, check=False
            )
        if done.returncode:
            told = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise UsageError(
                "PyTorch cannot run what was made: "
                f"{printable(told or f'exit code {done.returncode}')}"
            )
        return np.asarray(np.load(io.BytesIO(done.stdout)))


def _state(step: Step) -> dict[str, Array]:
    """The arrays of a layer under PyTorch's names, with its shapes."""
    arrays = dict(step.arrays)
    if isinstance(step.layer, Conv) and arrays["weight"].ndim == 3:  # of signals
        arrays["weight"] = arrays["weight"][:, :, None]
    if isinstance(step.layer, BatchNorm):
        arrays["num_batches_tracked"] = np.zeros((), np.int64)
    return arrays
