"""Weights that PyTorch wrote: a state_dict as safetensors, by the names of layers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from safetensors import SafetensorError
from safetensors.numpy import load

from cnntrain.errors import CheckpointError
from cnntrain.nn.shapes import Array
from cnntrain.text import printable


def state_dict(data: bytes, name: str) -> tuple[dict[str, Array], str]:
    """The arrays in the bytes of a safetensors file, called `name` in messages, and its digest.

    Raises CheckpointError where it is damaged.
    """
    try:
        return load(data), hashlib.sha256(data).hexdigest()
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{name}: damaged: {printable(error)}") from None


def by_name(there: Mapping[str, Array], here: Mapping[str, Array]) -> dict[str, Array]:
    """`there` under the names of `here`, where they are the same but for what separates words:
    "block1.conv1.weight" and "block1_conv1.weight" are "block1/conv1/weight".  Copies in a repeat
    count from 0 there.  Kernels of signals may have a height of 1."""
    names = {_plain(_from_zero(name)): name for name in here}
    found = {}
    for name, array in there.items():
        if name.endswith("num_batches_tracked"):
            continue
        ours = names.get(_plain(name), name)
        if ours in here and array.ndim == 4 and here[ours].ndim == 3 and array.shape[2] == 1:
            array = array[:, :, 0]
        found[ours] = array
    return found


def _from_zero(name: str) -> str:
    return re.sub(r"(?<=/)\d+(?=/)", lambda number: str(int(number[0]) - 1), name)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name)
