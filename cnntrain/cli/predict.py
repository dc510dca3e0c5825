"""`cnntrain predict`: what a trained network says of new inputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.counting import Counting
from cnntrain.cli.options import flip_option, note, strict_option, warn, weights_option
from cnntrain.cli.predict_inputs import Input, total
from cnntrain.cli.predict_output import Output
from cnntrain.errors import DataError, InputWarning, UsageError
from cnntrain.text import pluralize, shown_path

if TYPE_CHECKING:
    from cnntrain.cli.predict_output import Sample
    from cnntrain.data.pictures.form import Fit, Form
    from cnntrain.models.model import Model

FITS = {"crop": "cropped", "pad": "padded", "stretch": "stretched"}
COLORS = {"gray": "gray", "rgb": "colour"}


@click.command(short_help="Classify pictures, or arrays of samples.")
@click.argument("checkpoint", metavar="CHECKPOINT|RUN", shell_complete=files)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", shell_complete=files)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="K", help="Give the K likeliest classes."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Give no class where the likeliest one has less than probability P (`evaluate "
    "--thresholds` shows what is gained).",
)
@click.option(
    "--probabilities", is_flag=True, help="Give the probabilities of all classes; JSON has them."
)
@click.option(
    "--fit",
    type=click.Choice(["crop", "pad", "stretch"]),
    help="What becomes of a picture of another shape, if the network was not trained on pictures: "
    "its sides are cut off, it gets black ones, or it is stretched.  [default: crop]",
)
@click.option("--null", is_flag=True, help="Names on standard input end with a null byte each.")
@flip_option
@weights_option
@click.option("--quiet", is_flag=True, help="Show no progress, but warnings.")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a sample.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one row a sample.")
def predict(
    checkpoint: str,
    inputs: tuple[str, ...],
    top: int | None,
    threshold: float | None,
    probabilities: bool,
    fit: Literal["crop", "pad", "stretch"] | None,
    null: bool,
    flip: bool | None,
    weights: Literal["auto", "own", "average"],
    quiet: bool,
    strict: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Classify each INPUT: a picture, a folder of pictures, or an array.

    \b
    PICTURE  JPEG, PNG, BMP, GIF, TIFF or WebP; resized and coloured as in training
    FOLDER   the pictures in it and in folders below, in the order of their names
    -        a list of pictures on standard input, one name a line, answered as they come
    ARRAY    .npy or .npz, raw values with the axes of the training data: (N, H, W, C), with
             data.axes: NCHW (N, C, H, W), or (N, H, W) or (N, d); of an .npz the array x, beside
             which y and class_names may stand, or the only one

    Answers go to standard output in this order.  A picture that cannot be read is reported on
    standard error, the others are answered, and the exit code is 3.

    \b
    Examples:
      cnntrain predict runs/digits new.npy --top 3 --json
      cnntrain predict runs/pets photo.jpg holiday/ --threshold 0.9
      find . -name '*.jpg' -print0 | cnntrain predict runs/pets - --null --csv > answers.csv
    """
    from cnntrain.models.load import load_model

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other")
    if top is not None and probabilities:
        raise UsageError("--top and --probabilities exclude each other")
    if inputs.count("-") > 1:
        raise UsageError("standard input is read once (found - twice)")
    if null and "-" not in inputs:
        raise UsageError("--null is about names on standard input (give - as an INPUT)")
    model = load_model(checkpoint, weights, flip=flip)
    if model.weights == "average":
        note(f"{shown_path(model.path)}: predicting with the average of w (--weights own: with w)")
    if model.class_names is None and (top is not None or threshold is not None or probabilities):
        raise UsageError("--top, --threshold and --probabilities need a network that classifies")
    given = [Input.of(name, b"\0" if null else b"\n") for name in inputs]
    form = None if all(some.is_array for some in given) else _form(model, fit)
    for some in () if quiet else given:
        for text in some.notes:
            note(f"{shown_path(some.name)}: {text}")
    output = Output(
        model, "json" if as_json else "csv" if as_csv else "text", top, threshold, probabilities
    )
    with Counting("picture", total(given), quiet) as counting:
        for samples in _samples(model, given, form, counting, strict):
            if not output.show(samples):
                return
    counting.tell()
    if counting.failed:
        what = pluralize(counting.done, counting.noun)
        raise DataError(f"{counting.failed:,} of {what} could not be read")


def _form(model: Model, fit: Fit | None) -> Form:
    """The form that pictures get, with a notice where the training does not tell."""
    from cnntrain.models.predict_files import form_for, trained_form

    form = form_for(model, fit)
    if fit is None and trained_form(model) is None:
        name, color = shown_path(model.path), COLORS[form.color]
        done = f"{FITS[form.fit]} to {form.height} x {form.width} pixels, in {color}"
        note(f"{name} was not trained on picture files: pictures are {done} (--fit)")
    return form


def _samples(
    model: Model, given: Sequence[Input], form: Form | None, counting: Counting, strict: bool
) -> Iterator[list[Sample]]:
    """The answers for all that is given, some at a time."""
    yield []  # titles do not wait
    for is_array, some in groupby(given, lambda one: one.is_array):
        if form is None or is_array:
            yield from (_of_array(model, one.name, strict) for one in some)
        else:
            names = chain.from_iterable(one.pictures for one in some)
            yield from _of_pictures(model, form, names, counting, strict)


def _of_array(model: Model, name: str, strict: bool) -> list[Sample]:
    from cnntrain.data import read_inputs

    raw = read_inputs(Path(name))
    ask = model.predict if model.class_names is None else model.predict_proba
    try:
        with warnings.catch_warnings(action="ignore", category=InputWarning):  # told below
            outputs = ask(raw)
    except DataError as error:
        raise DataError(f"{shown_path(name)}: {error}") from None
    problem = model.scale_problem(raw)
    warn([] if problem is None else [f"{shown_path(name)}: {problem}"], strict)
    return [(name, index, row) for index, row in enumerate(outputs)]


def _of_pictures(
    model: Model, form: Form, names: Iterable[str | None], counting: Counting, strict: bool
) -> Iterator[list[Sample]]:
    from cnntrain.models.predict_files import batches

    for batch in batches(model, form, names, lambda problem: warn([problem], strict)):
        counting.add(len(batch))
        samples: list[Sample] = []
        for answer in batch:
            outputs = answer.outputs if answer.p is None else answer.p
            if outputs is None:
                counting.fail(f"cannot read {shown_path(answer.file)}: {answer.error}")
            else:
                samples.append((answer.file, None, outputs))
        yield samples
