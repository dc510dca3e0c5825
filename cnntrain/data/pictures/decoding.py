"""Decoding many pictures: on all cores, a few at a time.

Threads would do for large pictures, which Pillow decodes without Python's lock.  Small ones keep
that lock busy, so that many pictures are decoded by processes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.pictures.decode import UnreadableError, decode_bytes, read
from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.rows_file import DIGEST
from cnntrain.errors import StorageError
from cnntrain.nn.execution.cpu import usable_cores

Array = NDArray[Any]
PROGRAM = (sys.executable, "-P", "-m", "cnntrain.data.pictures.decoding_process")
BATCH = 16  # pictures that a process is given at a time
MANY = 1000  # pictures that are worth starting processes for


@dataclass(frozen=True)
class Job:
    """A picture to decode: its number, its file, and the digest of what it held when its pixels
    were kept, or ""."""

    index: int
    path: str
    known: str = ""


@dataclass(frozen=True, eq=False)
class Decoded:
    """What became of a picture: its pixels (H, W, C), or None if they are those that were kept, or
    the reason why there are none; and the digest of the file's bytes."""

    index: int
    pixels: Array | None = None
    digest: bytes = b""
    reason: str | None = None


Decoder = Callable[[Sequence[Job]], list[Decoded]]


def decode_all(jobs: Sequence[Job], form: Form) -> Generator[Decoded, None, None]:
    """Decode the pictures, on all cores; what becomes of them, in any order.

    Raises StorageError where a process comes to an unexpected end, MemoryError.
    """
    batches = iter([jobs[start : start + BATCH] for start in range(0, len(jobs), BATCH)])
    with contextlib.ExitStack() as stack:
        processes = list[Process]()
        count = min(usable_cores(), -(-len(jobs) // BATCH))
        if count > 1 and len(jobs) >= MANY:
            processes = [
                stack.enter_context(contextlib.closing(Process(form))) for _ in range(count)
            ]
        free: list[Decoder] = [*processes] or [partial(decode_batch, form=form)] * count
        pool = stack.enter_context(ThreadPoolExecutor(max(count, 1), "decoding"))
        for process in processes:  # before the threads that wait for them
            stack.callback(process.kill)
        running: dict[Future[list[Decoded]], Decoder] = {}
        while True:
            for batch in islice(batches, len(free)):
                decoder = free.pop()
                running[pool.submit(decoder, batch)] = decoder
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                free.append(running.pop(done))
                yield from done.result()


def decode_batch(jobs: Sequence[Job], form: Form) -> list[Decoded]:
    """Decode some pictures, one after the other."""
    return [decode_one(job, form) for job in jobs]


def decode_one(job: Job, form: Form) -> Decoded:
    """Decode one picture, unless its pixels are known."""
    try:
        content = read(Path(job.path))
        digest = hashlib.blake2b(content, digest_size=DIGEST)
        pixels = None if digest.hexdigest() == job.known else decode_bytes(content, form)
    except UnreadableError as error:
        return Decoded(job.index, reason=error.reason)
    return Decoded(job.index, pixels, digest.digest())


# In another process ---------------------------------------------------------------------------


class Process:
    """A process that decodes.  It is sent jobs as a line of JSON; it answers with a line and the
    pixels behind it."""

    def __init__(self, form: Form) -> None:
        command = [*PROGRAM, json.dumps(asdict(form))]
        pipe = subprocess.PIPE
        # It imports from where this one does, and never from the working directory as such.
        places = {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
        # In a session of its own: Ctrl-C reaches this process alone, which then ends that one.
        self._process = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            start_new_session=True,
            env={**os.environ, **places},
        )
        self._form = form

    def __call__(self, jobs: Sequence[Job]) -> list[Decoded]:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        try:
            into.write(json.dumps([[job.path, job.known] for job in jobs]).encode() + b"\n")
            into.flush()
            answers = json.loads(out.readline())
            return [
                self._decoded(job, answer, out) for job, answer in zip(jobs, answers, strict=True)
            ]
        except (OSError, ValueError, EOFError):
            code = self._process.wait()
            how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
            raise StorageError(f"a process that decodes pictures {how}") from None

    def _decoded(self, job: Job, answer: tuple[str, str | None, int], out: IO[bytes]) -> Decoded:
        digest, reason, size = answer
        pixels = out.read(size)
        if len(pixels) != size:
            raise EOFError
        array = np.frombuffer(pixels, dtype=np.uint8).reshape(self._form.shape) if size else None
        return Decoded(job.index, array, bytes.fromhex(digest), reason)

    def kill(self) -> None:
        """End the process."""
        self._process.kill()

    def close(self) -> None:
        """End the process and close the pipes."""
        self._process.kill()
        self._process.communicate()
