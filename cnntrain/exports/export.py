"""Exporting a run: load, write in a form, compare with `predict` on real inputs, save."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import UsageError
from cnntrain.exports.program import Program
from cnntrain.exports.samples import Samples
from cnntrain.exports.targets import target
from cnntrain.models.load import load_model
from cnntrain.models.model import Model
from cnntrain.runs.results import check_result
from cnntrain.storage import disk, durable
from cnntrain.text import shown_path

Array = NDArray[Any]
TOLERANCE = 1e-5  # between outputs here and there


@dataclass(frozen=True)
class Comparison:
    """How outputs there compare with those here.

    count        samples of the `part` ("random" where the data are not there)
    difference   the largest between any two outputs; None where nobody here can run the form
    absence      why
    """

    count: int
    part: str
    difference: float | None
    absence: str = ""


@dataclass(frozen=True)
class Exported:
    """What was written.

    files   their paths
    notes   what else a user should know
    """

    files: tuple[Path, ...]
    comparison: Comparison
    notes: tuple[str, ...]


def export(
    path: str | Path,
    to: str,
    output: str | Path | None = None,
    *,
    fold: bool = True,
    weights: Literal["auto", "own", "average"] = "auto",
    flip: bool | None = None,
    force: bool = False,
    **options: Any,
) -> Exported:
    """Write a trained network in a form that other programs run.

    >>> exported = cnntrain.export("runs/digits", to="onnx")
    >>> [path.name for path in exported.files], exported.comparison.difference < 1e-5
    (['digits.onnx'], True)

    path      a run directory (its best checkpoint) or a checkpoint file
    to        onnx, torch or c
    output    the file (onnx) or the folder (torch, c) to write; None: named after the run, in the
              working directory
    fold      whether batch normalisation goes into the convolution or dense layer before it
    weights, flip   as for `load_model`
    force     whether files that are there are replaced
    options   those of the form, such as opset=17 for onnx

    The file takes raw inputs as `predict` does, and its answers are compared with those of
    `predict` before it is written.

    Raises UsageError where the form has nothing for a layer, outputs differ by more than 1e-5, or a
    file is there or would be among those of a run,
    NotFoundError and CheckpointError as `load_model`, StorageError.
    """
    form = target(to, options)
    model = load_model(path, weights, flip=flip)
    held = form.held(model)
    name = _name(path)
    place = Path(f"{name}.{to}" if form.one_file else name) if output is None else Path(output)
    program = Program.of(held, fold=fold)
    files = form.write(program, name)
    paths = {place if form.one_file else place / file: content for file, content in files.items()}
    if not form.one_file and disk.exists(place) and not disk.is_folder(place):
        raise UsageError(f"{shown_path(place)} is a file, expected a folder or a new name")
    for file in paths:
        check_result(file, force)
    samples = Samples.of(program, model)
    if held is model:
        samples = samples.first(form.compared)
    there = form.answer(files, program.raw(samples.x))
    comparison = _compared(held, samples, there)
    notes = form.notes(program)
    if held is not model and not isinstance(there, str):
        notes += _accuracies(samples, there, model.outputs(samples.x))
    if not form.one_file:
        disk.make_folder(place)
    durable.write_together(paths)
    return Exported(tuple(paths), comparison, tuple(notes))


def _name(path: str | Path) -> str:
    """A word of letters, digits and "_" for the network of a run or checkpoint."""
    given = Path(path).resolve()
    stem = given.stem if given.suffix == ".safetensors" else given.name
    word = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_")
    return word if word and not word[0].isdigit() else f"model_{word}".rstrip("_")


def _compared(model: Model, samples: Samples, there: Array | str) -> Comparison:
    """Raises UsageError where the outputs `there` differ from those of `model`."""
    count, part = len(samples.x), samples.part
    if isinstance(there, str):
        return Comparison(count, part, None, there)
    here = model.outputs(samples.x)
    difference = float(np.abs(here - there).max())
    scale = 1.0 if model.class_names is not None else max(1.0, float(np.abs(here).max()))
    if not difference <= TOLERANCE * scale:  # not a number, too
        worst = int(np.abs(here - there).max(axis=1).argmax())
        raise UsageError(
            f"outputs differ by {difference:.2g} from those of predict on sample {worst} of the "
            f"{part} inputs, expected at most {TOLERANCE * scale:g}; nothing was written"
        )
    return Comparison(count, part, difference)


def _accuracies(samples: Samples, there: Array, here: Array) -> list[str]:
    """What the numbers that the form holds cost on samples that have labels or targets."""
    y = samples.y
    if y is None:
        return []
    on = f"on {len(y)} {samples.part} samples"
    if y.ndim == 1:
        held, exact = (100 * float((p.argmax(axis=1) == y).mean()) for p in (there, here))
        return [
            f"accuracy {on}: {held:.2f} % with these weights, {exact:.2f} % with those of the run"
        ]
    held, exact = (math.sqrt(float(np.square(p - y).mean())) for p in (there, here))
    return [
        f"root mean squared error {on}: {held:.4g} with these weights, {exact:.4g} with the run's"
    ]
