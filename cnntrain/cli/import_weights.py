"""`cnntrain import-weights`: a run of weights that another program has trained."""

from __future__ import annotations

import click

from cnntrain.cli.completion import files, runs
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import emit, emit_json, json_option, set_option


@click.command("import-weights", short_help="Make a run of weights that PyTorch trained.")
@click.argument("file", metavar="FILE.safetensors", shell_complete=files)
@click.option(
    "--into",
    required=True,
    metavar=TARGET,
    shell_complete=files,
    help="The config of the network, which says what data it is for, too.",
)
@set_option
@click.option(
    "--run",
    metavar="DIR",
    shell_complete=runs,
    help="The run directory, such as 'runs/{name}'; runs/NAME by default.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Start over where the directory holds a run: remove its files.",
)
@json_option
def import_weights(
    file: str,
    into: str,
    overrides: tuple[str, ...],
    run: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make a run that has trained no epoch, with the weights in FILE.safetensors.

    The file is a state_dict that safetensors.torch.save_file wrote; pickles (.pt) are never read.
    evaluate, predict, export and report take the run as any other; fit --resume --run DIR trains
    on. Raw inputs are standardised as data.standardize says, by the training part of the config's
    data: as they were when the network was trained.

    \b
    Arrays are found by name where the file names all of the network, as
      block1.conv1.weight   of block1/conv1/weight (cnntrain describe shows names)
    otherwise by order: the first convolution in the file goes to the first of the
    network, and so on; likewise dense layers, batch and group normalisations, each
    among their like. safetensors keeps no order of modules: their names are sorted,
    with numbers by value (conv2 before conv10, 9.weight before 10.weight).

    A table says what went where. The first array that does not fit, and any that is missing or
    left, ends it (exit 4); nothing is written then.

    \b
    Example:
      cnntrain import-weights model.safetensors --into digits.yaml --run runs/imported
    """
    from cnntrain.cli.import_weights_output import Refusal, result_text
    from cnntrain.config.templates import fill
    from cnntrain.training.import_weights import import_weights as make

    settings = load_target(into, overrides)
    run = fill(run, settings) if run else None
    details = {"overrides": list(overrides)}
    found = make(file, settings, run=run, overwrite=overwrite, progress=Refusal(), details=details)
    if as_json:
        emit_json(found.as_dict())
    else:
        emit(result_text(found))
