"""Weights that PyTorch wrote: a state_dict as safetensors, by the names of layers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load

from cnntrain.errors import CheckpointError
from cnntrain.files import open_file
from cnntrain.nn.shapes import Array
from cnntrain.text import shown_path

PICKLES = {".pt", ".pth", ".bin", ".ckpt", ".pkl"}


def refuse_pickle(path: Path) -> None:
    """Raise CheckpointError for a file that would run code as it is read."""
    if path.suffix in PICKLES:
        raise CheckpointError(
            f"{shown_path(path)} is a pickle, which may run code, expected safetensors "
            "(in PyTorch: safetensors.torch.save_file(model.state_dict(), 'model.safetensors'))"
        )


def state_dict(path: Path) -> tuple[dict[str, Array], str] | None:
    """The arrays of a safetensors file that is no checkpoint of cnntrain, and its digest; None of
    any other file."""
    if path.suffix != ".safetensors":
        return None
    try:
        with open_file(path) as file:
            data = file.read()
        if rb"\"sha256\":" in data[: 8 + int.from_bytes(data[:8], "little")]:
            return None
        return load(data), hashlib.sha256(data).hexdigest()
    except (OSError, ValueError, KeyError, SafetensorError):
        return None


def by_name(there: Mapping[str, Array], here: Mapping[str, Array]) -> dict[str, Array]:
    """`there` under the names of `here`, where they are the same but for what separates words:
    "block1.conv1.weight" and "block1_conv1.weight" are "block1/conv1/weight".  Kernels of signals
    may have a height of 1."""
    names = {_plain(name): name for name in here}
    found = {}
    for name, array in there.items():
        if name.endswith("num_batches_tracked"):
            continue
        ours = names.get(_plain(name), name)
        if ours in here and array.ndim == 4 and here[ours].ndim == 3 and array.shape[2] == 1:
            array = array[:, :, 0]
        found[ours] = array
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name)
