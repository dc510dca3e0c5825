"""`cnntrain export`: a trained network for other programs."""

from __future__ import annotations

from typing import Any, Literal

import click

from cnntrain.cli.completion import runs
from cnntrain.cli.options import (
    emit,
    emit_json,
    flip_option,
    force_option,
    json_option,
    note,
    weights_option,
)
from cnntrain.text import shown_path


@click.command(short_help="Write a trained network for other programs.")
@click.argument("run", metavar="CHECKPOINT|RUN", shell_complete=runs)
@click.option("--to", required=True, type=click.Choice(["onnx", "torch", "c"]), help="The form.")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="The file (onnx) or folder (torch, c) to write; default: named after the run.",
)
@click.option(
    "--fold/--no-fold",
    default=True,
    show_default=True,
    help="Let the layer before it take in batch normalisation.",
)
@click.option(
    "--opset",
    type=int,
    metavar="N",
    help="Version of ONNX's operators, from 13; older runtimes take older ones.  [default: 17]",
)
@click.option(
    "--input-type",
    type=click.Choice(["uint8", "float32"]),
    help="Type of the raw inputs of an ONNX file.  [default: uint8 if trained on bytes]",
)
@click.option("--int8", is_flag=True, default=None, help="Weights in eight bits (c).")
@click.option("--main", is_flag=True, default=None, help="A main.c, too, for one raw input (c).")
@flip_option
@weights_option
@force_option
@json_option
def export(
    run: str,
    to: str,
    output: str | None,
    fold: bool,
    flip: bool | None,
    weights: Literal["auto", "own", "average"],
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Write the network of RUN in a form that other programs run.

    It takes raw inputs, as `predict` does: standardisation is part of it.  Its answers are compared
    with those of `predict` on real inputs, and nothing is written where they differ.

    The exit code is 2 if the form cannot hold the network, an option belongs to another form or
    something is there already, 4 if the checkpoint is damaged, 5 if nothing can be written, and 10
    if there is no such run.

    \b
    onnx   one file for ONNX runtimes
    torch  model.py, a PyTorch module to read, with its weights as safetensors
    c      model.h and model.c in C99, without dependencies and without malloc

    \b
    Examples:
      cnntrain export runs/digits --to onnx
      cnntrain export runs/digits --to torch -o digits_torch
      cnntrain export runs/digits --to c --int8 --main -o firmware/digits
    """
    from cnntrain.exports.export import export as write

    given = {name: value for name, value in options.items() if value is not None}
    made = write(run, to, output, fold=fold, weights=weights, flip=flip, force=force, **given)
    compared = made.comparison
    if as_json:
        emit_json(
            {
                "files": [str(path) for path in made.files],
                "compared": compared.count,
                "part": compared.part,
                "largest_difference": compared.difference,
                "notes": list(made.notes),
            }
        )
        return
    for path in made.files:
        emit(shown_path(path))
    for text in made.notes:
        note(text)
    if compared.difference is None:
        note(f"not compared with predict: {compared.absence}")
    else:
        note(
            f"outputs differ by at most {compared.difference:.1e} from those of predict on "
            f"{compared.count} {compared.part} inputs"
        )
