"""The process that decodes pictures for another one: see `decoding.Process`."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import BinaryIO

from cnntrain.data.pictures.decoding import Job, decode_batch
from cnntrain.data.pictures.form import Form
from cnntrain.errors import StorageError


def serve(form: Form, into: BinaryIO, out: BinaryIO) -> None:
    """Decode what is asked for on `into`, until it ends."""
    for line in into:
        found = decode_batch([Job(0, path, known) for path, known in json.loads(line)], form)
        sizes = [0 if one.pixels is None else one.pixels.nbytes for one in found]
        answers = [
            (one.digest.hex(), one.reason, size) for one, size in zip(found, sizes, strict=True)
        ]
        out.write(json.dumps(answers).encode() + b"\n")
        for one in found:
            if one.pixels is not None:
                out.write(one.pixels.data)
        out.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        try:
            serve(Form(**json.loads(sys.argv[1])), sys.stdin.buffer, sys.stdout.buffer)
        except MemoryError:
            sys.exit(StorageError.exit_code)
