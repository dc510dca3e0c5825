"""`cnntrain trace`: one step of gradient descent, written out beside the note's equations."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from cnntrain.errors import CheckpointError, UsageError
from cnntrain.text import nearest, pluralize, printable, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.experiment import Experiment
    from cnntrain.nn.note.trace import Trace

LONG = 5.0  # seconds that are announced
MOST = 100  # samples
_NUMBER = re.compile("[0-9]{1,18}")


class Indices(click.ParamType[Any]):
    """Whole numbers, separated by commas."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, ...]:
        parts = [part.strip() for part in value.split(",")]
        if len(parts) > MOST or not all(_NUMBER.fullmatch(part) for part in parts):
            expected = f"expected at most {MOST} numbers of samples such as 0,7"
            self.fail(f"found {printable(repr(value))}, {expected}", param, context)
        return tuple(map(int, parts))


class Rate(click.FloatRange):
    """A number in a range, in which "nan" is not."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, context)
        if math.isnan(number):
            self.fail("nan is not in the range", param, context)
        return number


@dataclass(frozen=True, eq=False)
class Start:
    """Where the step begins: w, its name, the epoch after which it is, and alpha."""

    w: Any
    name: str
    epoch: int
    alpha: float


@click.command(short_help="Write out one step beside the note's equations.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@click.option(
    "--samples",
    type=click.IntRange(1, MOST),
    default=1,
    show_default=True,
    metavar="N",
    help="Take the first N samples of the next epoch's first batch.",
)
@click.option(
    "--index",
    type=Indices(),
    metavar="I,...",
    help="Take these samples of the training part, from 0, instead.",
)
@click.option(
    "--alpha",
    type=Rate(min=0, min_open=True, max=1e9),
    metavar="RATE",
    help="The step size; default: the learning rate of the first step, or of the last epoch.",
)
@click.option("--layer", metavar="NAME", help="Show this layer in full, with its Jacobians.")
@click.option("--html", metavar="FILE", help="Write it to FILE as a page, with pictures.")
@force_option
@json_option
def trace(
    config: str,
    overrides: tuple[str, ...],
    samples: int,
    index: tuple[int, ...] | None,
    alpha: float | None,
    layer: str | None,
    html: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Follow a few samples through one step of gradient descent, as the note has it.

    Forward propagation, the loss, then back through the layers: dl/dx(k), its products with the
    Jacobians (equations 2 to 5), the average over the samples, and w <- w - alpha dL/dw (equation
    6), with numbers where they are few and norms where they are many. Cusps and ties that were
    met are named. From w_0 of a config, or from the best epoch of a run; in float64, without
    augment, momentum and the like.

    \b
    Examples:
      cnntrain trace digits.yaml
      cnntrain trace runs/digits --samples 2 --layer softmax1
      cnntrain trace digits.yaml --html trace.html
    """
    from cnntrain.cli.trace_output import as_json as everything
    from cnntrain.cli.trace_output import screen

    exclude("samples", "index")
    if html is not None:
        check_result(html, force)
    made, header, classes = _trace(config, overrides, samples, index, alpha, layer)
    if html is not None:
        from cnntrain.reports.trace_page import trace_page

        write_result(html, trace_page(made, header, layer, classes), force)
    if as_json:
        emit_json({"about": header, **everything(made, layer)})
    elif html is not None:
        emit(shown_path(html))
    else:
        emit(screen(made, header, layer, classes))


def _trace(
    target: str,
    overrides: tuple[str, ...],
    count: int,
    index: tuple[int, ...] | None,
    alpha: float | None,
    layer: str | None,
) -> tuple[Trace, str, tuple[str, ...]]:
    """The trace, what it is about, and the names of the classes."""
    import numpy as np

    from cnntrain.experiment import set_up
    from cnntrain.nn.note.algorithm1 import check, seconds
    from cnntrain.nn.note.trace import trace as make
    from cnntrain.nn.shapes import outer

    settings = load_target(target, overrides)
    experiment = set_up(settings)
    dataset, network, batches = experiment
    check(network)
    if layer is not None and layer not in network.names:
        close = nearest(layer, network.names)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(network.names[:20])}"
        raise UsageError(f"--layer: no layer {printable(layer)!r} ({printable(hint, 300)})")
    start = _start(target, settings, experiment)
    size = len(dataset.train)
    if index is not None and max(index) >= size:
        raise UsageError(
            f"--index: found {max(index):,}, expected numbers below {size:,}, the training samples"
        )
    if index is None:
        index = tuple(next(batches.batches(start.epoch + 1))[:count].tolist())
    x, y = dataset.samples(dataset.train, np.array(index)).chunk(0, len(index), np.float64)
    time = len(index) * seconds(network)
    if time > LONG:
        note(f"this takes about {time:.0f} s: Jacobian matrices are written out entry by entry")
    which = "sample" if len(index) == 1 else "samples"
    header = (
        f"{printable(settings.name)}: one step on {which} {', '.join(map(str, index))} "
        f"of the training part, at {start.name}{_otherwise(settings)}"
    )
    rate = start.alpha if alpha is None else alpha
    made = make(zip(outer(x), y, strict=True), start.w, network, rate)
    return made, header, dataset.class_names or ()


def _otherwise(settings: Config) -> str:
    """That the config's own step is another than that of equation 6, "" where it is not."""
    from cnntrain.config.source.writer import flow
    from cnntrain.optim.methods import SGD

    optimizers = [phase.optimizer for phase in settings.phase_at.values()]
    clip = settings.gradient_clip
    if all(one == SGD() for one in optimizers) and clip == "none":
        return ""
    given = [
        {one.tag: one.word(), **one.model_dump(mode="json", exclude_defaults=True)}
        for one in optimizers
    ]
    texts = [flow(one if len(one) > 1 else one["type"]) for one in given]
    clipped = "" if clip == "none" else f" with gradient_clip {clip:g}"
    return (
        f"; training takes {', then '.join(texts)}{clipped}, this is a step of plain SGD "
        "(equation 6)"
    )


def _start(target: str, settings: Config, experiment: Experiment) -> Start:
    """w of a run or a checkpoint, or else w_0."""
    from cnntrain.runs.checkpoint import Checkpoint
    from cnntrain.runs.reader import Run
    from cnntrain.storage.disk import is_folder
    from cnntrain.training.origin import starting_point
    from cnntrain.training.run import new_trainer

    folder = is_folder(Path(target))
    if not folder and not target.endswith(".safetensors"):
        w, _, origin = starting_point(experiment.network, settings)
        name = "w_0 of start_from" if origin else f"w_0 of seed {settings.seed}"
        return Start(w, name, 0, new_trainer(settings, experiment).rate)
    file = Run(target).best if folder else Path(target)
    checkpoint = Checkpoint.read(file)
    try:
        w, _ = checkpoint.vectors(experiment.network)
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"{shown_path(file)} does not fit the network: {printable(error)} (leave out --set)"
        ) from None
    row, epoch = checkpoint.record.row, checkpoint.record.epoch
    rate = new_trainer(settings, experiment).rate if row is None else row.learning_rate
    return Start(w, f"w after {pluralize(epoch, 'epoch')}", epoch, rate)
