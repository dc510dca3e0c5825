"""Checkpoint files: safetensors with a SHA-256 of the whole file inside.

Arrays lie under their names.  Everything else is one metadata entry, `cnntrain`: compact JSON
with sorted keys, whose `sha256` is written as 64 zeros, hashed over the whole file and then put
in place.  The same contents give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.text import printable

Array = NDArray[Any]
FORMAT = 1

_ZEROS = b"0" * 64
_DIGEST = re.compile(rb'\\"sha256\\":\\"([0-9a-f]{64})\\"')  # JSON inside a JSON string
_LARGEST_HEADER = 100_000_000


def encode(arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> bytes:
    """The bytes of a checkpoint with these arrays and metadata (anything JSON can hold)."""
    content = {**metadata, "format": FORMAT, "sha256": _ZEROS.decode()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    data = save(contiguous, metadata={"cnntrain": text})
    start, stop = _digest_place(data)
    return data[:start] + _digest(data).encode() + data[stop:]


def decode(data: bytes, name: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """Arrays and metadata of a checkpoint, verified.

    `name` stands for the file in messages.  Raises CheckpointError where a single bit differs
    from what was written, or where it is no checkpoint of this version of cnntrain.
    """
    try:
        start, stop = _digest_place(data)
    except ValueError as error:
        raise CheckpointError(f"{name}: not a cnntrain checkpoint ({error})") from None
    if data[start:stop].decode() != _digest(data):
        raise CheckpointError(f"{name}: damaged: its SHA-256 does not match its contents")
    try:
        header = json.loads(data[8 : 8 + _header_size(data)])
        metadata = json.loads(header["__metadata__"]["cnntrain"])
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{name}: not a cnntrain checkpoint ({printable(error)})") from None
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{name}: checkpoint format {printable(metadata.get('format'))}, expected {FORMAT} "
            "(written by another version of cnntrain)"
        )
    return arrays, metadata


def read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read and verify the checkpoint at `path`: the bytes that are verified are those parsed."""
    name = printable(path, 400)
    try:
        if not path.is_file():
            raise NotFoundError(f"no run or checkpoint at {name}")
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot read {name}: {error.strerror}") from error
    return decode(data, name)


def _header_size(data: bytes) -> int:
    if len(data) < 8:
        raise ValueError("shorter than a header")
    size: int = struct.unpack("<Q", data[:8])[0]
    if size > min(_LARGEST_HEADER, len(data) - 8):
        raise ValueError("its header does not fit the file")
    return size


def _digest_place(data: bytes) -> tuple[int, int]:
    """Where in the file the digest stands."""
    found = list(_DIGEST.finditer(data, 8, 8 + _header_size(data)))
    if len(found) != 1:
        raise ValueError("no digest in its header")
    return found[0].span(1)


def _digest(data: bytes) -> str:
    """SHA-256 of the file with zeros in the digest's place."""
    start, stop = _digest_place(data)
    total = hashlib.sha256(data[:start])
    total.update(_ZEROS)
    total.update(memoryview(data)[stop:])
    return total.hexdigest()
