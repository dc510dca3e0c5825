"""Checkpoint files: safetensors with a SHA-256 of the whole file inside.

Arrays are stored under their names.  Everything else is one metadata entry, `cnntrain`: compact
JSON with sorted keys.  Its `sha256` is that of the whole file with 64 zeros in the digest's place.
The same contents give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.files import MISSING, open_file
from cnntrain.nn.shapes import Array
from cnntrain.runs import foreign
from cnntrain.text import printable, shown_path

FORMAT = 1

_ZEROS = b"0" * 64
_DIGEST = re.compile(rb'\\"sha256\\":\\"([0-9a-f]{64})\\"')  # JSON inside a JSON string
_LARGEST_HEADER = 100_000_000


def encode(arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> bytes:
    """The bytes of a checkpoint with these arrays, and metadata that JSON can hold."""
    content = {**metadata, "format": FORMAT, "sha256": _ZEROS.decode()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    data = save(contiguous, metadata={"cnntrain": text})
    start, stop = _digest_place(data)
    return data[:start] + _digest(data).encode() + data[stop:]


def decode(data: bytes, name: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """Arrays and metadata of a checkpoint, verified.

    `name` stands for the file in messages.  Raises CheckpointError where even one bit differs from
    what was written, or where it is no checkpoint of this version of cnntrain.
    """
    try:
        if is_foreign(data):
            raise CheckpointError(
                f"{name}: not a cnntrain checkpoint, but {foreign.weights_alone()}"
            )
        start, stop = _digest_place(data)
    except ValueError as error:
        raise CheckpointError(f"{name}: not a cnntrain checkpoint ({error})") from None
    if data[start:stop].decode() != _digest(data):
        raise CheckpointError(f"{name}: damaged: its SHA-256 does not match its contents")
    try:
        header = json.loads(data[8 : 8 + _header_size(data, len(data))])
        metadata = json.loads(header["__metadata__"]["cnntrain"])
        if not isinstance(metadata, dict):
            raise TypeError("its metadata are not a mapping")
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{name}: not a cnntrain checkpoint ({printable(error)})") from None
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{name}: checkpoint format {printable(metadata.get('format'))}, expected {FORMAT} "
            "(written by another version of cnntrain)"
        )
    return arrays, metadata


def read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read and verify the checkpoint at `path`: the bytes that are verified are those parsed.

    Raises NotFoundError where there is no file, CheckpointError where it is no checkpoint, or
    cannot be read.
    """
    return decode(contents(path), shown_path(path))


def contents(path: Path) -> bytes:
    """The bytes of a safetensors file, whether it is a checkpoint or not.

    Raises NotFoundError where there is no file, CheckpointError where it is none such, or cannot
    be read.
    """
    name = shown_path(path)
    try:
        return _bytes(path)
    except ValueError as error:
        why = foreign.told(path) or f"{name}: not a cnntrain checkpoint ({printable(error)})"
        raise CheckpointError(why) from None
    except OSError as error:
        if error.errno in MISSING:
            raise NotFoundError(f"no run or checkpoint at {name}") from None
        raise CheckpointError(f"cannot read {name}: {error.strerror}") from error


def is_foreign(data: bytes) -> bool:
    """Whether the bytes of a safetensors file are no checkpoint, not even a damaged one."""
    return b'\\"sha256\\":' not in data[: 8 + _header_size(data, len(data))]


def _bytes(path: Path) -> bytes:
    """The content of a file whose header fits its size, so that no memory is taken for what a file
    only claims to hold.

    Raises ValueError where the header does not fit, OSError where the file cannot be read.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        header = file.read(8)
        header += file.read(_header_size(header, size))
        try:
            entries = json.loads(header[8:])
            ends = [e["data_offsets"][1] for key, e in entries.items() if key != "__metadata__"]
            claimed = len(header) + max(ends, default=0)
        except (AttributeError, KeyError, IndexError, TypeError, RecursionError):
            raise ValueError("its header is not that of safetensors") from None
        if claimed != size:
            raise ValueError(f"its header claims {claimed:,} bytes, it holds {size:,}")
        file.seek(0)
        return file.read()


def _header_size(data: bytes, total: int) -> int:
    """The size of the header that `data` begins with, in a file of `total` bytes."""
    if len(data) < 8:
        raise ValueError("shorter than a header")
    size: int = struct.unpack("<Q", data[:8])[0]
    if size > min(_LARGEST_HEADER, total - 8):
        raise ValueError("its header does not fit the file")
    return size


def _digest_place(data: bytes) -> tuple[int, int]:
    """Where the digest is in the file: its first byte and the one after its last."""
    found = list(_DIGEST.finditer(data, 8, 8 + _header_size(data, len(data))))
    if len(found) != 1:
        raise ValueError("no digest in its header")
    return found[0].span(1)


def _digest(data: bytes) -> str:
    """SHA-256 of the file with zeros in place of the digest."""
    start, stop = _digest_place(data)
    total = hashlib.sha256(data[:start])
    total.update(_ZEROS)
    total.update(memoryview(data)[stop:])
    return total.hexdigest()
