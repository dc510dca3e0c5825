"""`cnntrain inspect`: what the data of a config hold, and what to look at before training."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import files
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import (
    check_result,
    emit,
    emit_json,
    exclude,
    force_option,
    json_option,
    note,
    set_option,
    write_result,
)
from cnntrain.errors import DataError, DivergedError, UsageError
from cnntrain.text import pluralize, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.data import Dataset


@click.command(short_help="Look at the data before training.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@click.option(
    "--sheet",
    metavar="FILE.png",
    help="Draw a contact sheet, pictures of each class, to FILE.png, which must be new.",
)
@click.option(
    "--augmented",
    is_flag=True,
    help="With --sheet: one training sample of each class, and what augment makes of it in one "
    "epoch after the other.",
)
@click.option(
    "--part",
    type=click.Choice(["train", "validation", "test"]),
    default="train",
    show_default=True,
    help="With --sheet: the part whose pictures are drawn.",
)
@click.option(
    "--each",
    type=click.IntRange(2, 40),
    metavar="N",
    default=12,
    show_default=True,
    help="With --sheet: pictures in a row.",
)
@force_option
@click.option("--strict", is_flag=True, help="Exit with 3 where there is something to look at.")
@json_option
def inspect(
    config: str,
    overrides: tuple[str, ...],
    sheet: str | None,
    augmented: bool,
    part: str,
    each: int,
    force: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Look at the data of a config before it is trained.

    First comes what to look at: copies and look-alikes, labels that contradict each other, tiny
    classes, channels and pixels that never change, parts unlike the training part, and all that
    `fit` would warn of. Then samples by class and part, ranges, means and deviations, how well the
    best constant answer does, and the time and memory that training will take, from some of its
    steps.

    \b
    Examples:
      cnntrain inspect digits.yaml
      cnntrain inspect digits.yaml --sheet digits.png
    """
    from cnntrain.cli.inspect_output import screen
    from cnntrain.config.against_data import check_monitors
    from cnntrain.data.audit import audit
    from cnntrain.experiment import set_up, warnings
    from cnntrain.training.rehearsal import rehearse

    if sheet is not None:
        check_result(sheet, force)
    else:
        _needs_sheet("augmented", "part", "each", "force")
    exclude("augmented", "part")
    settings = load_target(config, overrides)
    experiment = set_up(settings)
    dataset = experiment.dataset
    check_monitors(settings, dataset)
    if sheet is not None:
        write_result(sheet, _sheet(settings, dataset, augmented, part, each), force)
        note(f"the contact sheet is {shown_path(sheet)}")
    known = [*warnings(settings, dataset, experiment.batches)]
    try:
        rehearsed = rehearse(settings, experiment)
    except DivergedError as error:
        rehearsed = None
        known.append(str(error))
    found = audit(
        dataset,
        known,
        weighted=getattr(settings.loss, "class_weights", "none") != "none",
    )
    if as_json:
        training = None if rehearsed is None else asdict(rehearsed)
        emit_json({"name": settings.name, **found.as_dict(), "training": training})
    else:
        emit(screen(settings.name, found, rehearsed))
    if strict and found.findings:
        raise DataError(f"{pluralize(len(found.findings), 'thing')} to look at")


def _needs_sheet(*options: str) -> None:
    """Raise UsageError where an option was given that is about the contact sheet alone."""
    given = click.get_current_context().get_parameter_source
    for option in options:
        if given(option) is click.core.ParameterSource.COMMANDLINE:
            raise UsageError(f"--{option} is about a contact sheet (give --sheet FILE.png)")


def _sheet(settings: Config, dataset: Dataset, augmented: bool, part: str, each: int) -> bytes:
    """The contact sheet as a PNG file."""
    from cnntrain.data.audit.drawing import png
    from cnntrain.data.audit.sheet import MOST_ROWS, rows_by_class, rows_of_augmentation

    if augmented and dataset.augment is None:
        raise UsageError("--augmented: the config has no augment")
    if (dataset.classes or 0) > MOST_ROWS:
        note(f"the contact sheet shows the first {MOST_ROWS} of {dataset.classes:,} classes")
    if augmented:
        return png(rows_of_augmentation(dataset, each, settings.seed))
    return png(rows_by_class(dataset, part, each, settings.seed))
