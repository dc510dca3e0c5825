"""What a trained network says of pictures in files, as they come.

Threads decode pictures ahead of the network, which answers a batch of them at a time; no more than
two batches are in memory.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.input_range import InputRange
from cnntrain.data.pictures.decode import UnreadableError, decode, decode_bytes
from cnntrain.data.pictures.form import Color, Fit, Form
from cnntrain.data.pictures.pillow import pillow
from cnntrain.data.sources.images import Images
from cnntrain.errors import InputWarning, UsageError
from cnntrain.models.load import load_model
from cnntrain.models.model import Model
from cnntrain.models.picture_files import pictures_below
from cnntrain.storage.disk import is_folder
from cnntrain.text import shown_path

Array = NDArray[Any]
BATCH = 256  # pictures that the network sees at once
MEMORY = 2**27  # bytes of pixels in a batch, of which there are fewer pictures if they are large
COLORS: dict[int, Color] = {1: "gray", 3: "rgb"}  # by the number of channels


@dataclass(frozen=True, eq=False)
class FileAnswer:
    """What a network says of one picture.

    file     its name, as it was given or found; "" of bytes
    label    the likeliest class, of equally likely ones the lowest; `name` is what it is called
    p        the probability of each class, (classes,) float32
    outputs  for a regression the outputs (e,) float32; there is no label, name or p then
    error    why the picture could not be had; all others are None then

    >>> answer = cnntrain.FileAnswer("cat.png", label=1, name="cat", p=np.array([0.25, 0.75]))
    >>> answer.p[answer.label]
    np.float64(0.75)
    """

    file: str
    label: int | None = None
    name: str | None = None
    p: Array | None = None
    outputs: Array | None = None
    error: str | None = None


def predict_files(
    model: Model | str | Path,
    paths: str | Path | bytes | Iterable[str | Path | bytes],
    *,
    fit: Fit | None = None,
) -> Iterator[FileAnswer]:
    """Answers for pictures in files, one by one and in order, as they are asked for.

    model   or the path of a run or a checkpoint, of which it is loaded as by `load_model`
    paths   pictures and folders, or one of them; in folders, and those below, the files are taken
            whose names end as those of pictures do, in the order of their names; bytes are what
            is in the file of a picture
    fit     how a picture of another shape is brought to that of the network's inputs: crop (the
            default), pad or stretch; a network that was trained on pictures brings its own

    Pictures are resized and coloured as in training.  Those that cannot be had give an answer with
    an `error`.  For the same pixels, p is what `Model.predict_proba` says.

    >>> from PIL import Image
    >>> Image.fromarray(np.eye(8, dtype=np.uint8) * 16).save("line.png")
    >>> for answer in cnntrain.predict_files("runs/digits", ["line.png", "nothing.png"]):
    ...     print(answer.file, answer.p is not None, answer.error)
    line.png True None
    nothing.png False No such file or directory

    Issues an InputWarning where pictures seem to be on another scale than the training inputs.
    Raises UsageError where the network does not take pictures, or Pillow is not installed;
    DataError where a folder holds none; errors of `load_model`.
    """
    model = model if isinstance(model, Model) else load_model(model)
    form = form_for(model, fit)
    given = [paths] if isinstance(paths, str | Path | bytes) else paths

    def pictures() -> Iterator[str | bytes]:
        for path in given:
            if isinstance(path, bytes):
                yield path
            else:
                name = os.fspath(path)
                yield from pictures_below(name)[0] if is_folder(Path(name)) else [name]

    def warn(problem: str) -> None:
        warnings.warn(problem, InputWarning, stacklevel=4)

    return chain.from_iterable(batches(model, form, pictures(), warn))


def form_for(model: Model, fit: Fit | None = None) -> Form:
    """The form in which `model` takes pictures: that which it was trained on, or that of its
    inputs.

    Raises UsageError where its inputs are no gray or coloured images, where it was trained on
    pictures of another `fit`, and where Pillow is not installed.
    """
    pillow()
    trained = trained_form(model)
    if trained is not None:
        if fit not in (None, trained.fit):
            raise UsageError(
                f"{shown_path(model.path)} was trained on pictures with fit: {trained.fit}, "
                f"and can take no others (found {fit})"
            )
        return trained
    shape = model.network.input_shape
    if len(shape) != 3 or "L" in model.config.data.axis_order or shape[2] not in COLORS:
        raise UsageError(
            f"{shown_path(model.path)} takes inputs of shape {shape}, pictures are (H, W, 1) or "
            "(H, W, 3) (give arrays: .npy or .npz)"
        )
    return Form(shape[0], shape[1], fit or "crop", COLORS[shape[2]])


def trained_form(model: Model) -> Form | None:
    """The form of the pictures that `model` was trained on, None where it was on other data."""
    source = model.config.data
    return source.form if isinstance(source, Images) else None


def batches(
    model: Model, form: Form, pictures: Iterable[str | bytes | None], warn: Callable[[str], None]
) -> Iterator[list[FileAnswer]]:
    """The answers for pictures, a batch at a time.

    pictures  names of files, or what is in them; None stands for a pause, before which all is to be
              answered
    warn      is told, once, if the pictures seem to be on another scale than the training inputs
    """
    size = max(1, min(BATCH, MEMORY // int(np.prod(form.shape))))
    pending: deque[tuple[str, Future[Array | str]]] = deque()
    scale = _Scale(model, warn)
    pool = ThreadPoolExecutor(model.network.workers.count, "decode")
    try:
        for picture in pictures:
            if picture is not None:
                name = "" if isinstance(picture, bytes) else picture
                pending.append((name, pool.submit(_decoded, picture, form)))
            while pending and (picture is None or len(pending) >= 2 * size):
                yield _batch(model, pending, size, scale)
        while pending:
            yield _batch(model, pending, size, scale)
        scale.check()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _decoded(picture: str | bytes, form: Form) -> Array | str:
    """The pixels of a picture, or why there are none."""
    try:
        if isinstance(picture, bytes):
            return decode_bytes(picture, form)
        return decode(Path(picture), form)
    except UnreadableError as error:
        return error.reason


def _batch(
    model: Model, pending: deque[tuple[str, Future[Array | str]]], size: int, scale: _Scale
) -> list[FileAnswer]:
    """The answers for the first of the pictures that are pending, which are waited for."""
    taken = [pending.popleft() for _ in range(min(size, len(pending)))]
    found = [(name, future.result()) for name, future in taken]
    pictures = [pixels for _, pixels in found if not isinstance(pixels, str)]
    outputs: Iterator[Array] = iter(())
    if pictures:
        x = np.stack(pictures)
        scale.see(x)
        outputs = iter(model.outputs(x))
    return [
        FileAnswer(name, error=pixels) if isinstance(pixels, str) else _answer(model, name, outputs)
        for name, pixels in found
    ]


def _answer(model: Model, name: str, outputs: Iterator[Array]) -> FileAnswer:
    p = next(outputs)
    if model.class_names is None:
        return FileAnswer(name, outputs=p)
    label = int(p.argmax())
    return FileAnswer(name, label, model.class_names[label], p)


class _Scale:
    """Whether all pictures so far are on the scale of the training inputs."""

    def __init__(self, model: Model, warn: Callable[[str], None]) -> None:
        self.trained, self.warn = model.inputs, warn
        self.seen: InputRange | None = None
        self.count, self.early, self.told = 0, True, False

    def see(self, x: Array) -> None:
        """Some more pictures.  The first of many show what is far off; some, only the last."""
        found = InputRange.of(x)
        self.seen = found if self.seen is None else self.seen.joined(found)
        self.count += len(x)
        if self.early and self.count >= BATCH:
            self.early = False
            self.check()

    def check(self) -> None:
        """Warn if need be, but once."""
        if self.trained is None or self.seen is None or self.told:
            return
        problem = self.trained.problem(self.seen, self.count, "the pictures")
        if problem is not None:
            self.told = True
            self.warn(problem)
