"""`cnntrain fit`: train a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.completion import files, runs
from cnntrain.cli.options import emit, emit_json, exclude, json_option, set_option
from cnntrain.errors import CnntrainError, UsageError
from cnntrain.text import loss_text, percent, shown_path

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.runs.summary import EpochPoint, Summary


@click.command(short_help="Train a network.")
@click.argument("config", required=False, metavar="[CONFIG|-]", shell_complete=files)
@set_option
@click.option(
    "--run",
    metavar="DIR",
    shell_complete=runs,
    help="The run directory, such as 'runs/{name}-{seed}'; runs/NAME by default.",
)
@click.option("--resume", is_flag=True, help="Resume the run in the directory, if there is one.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Start over where the directory holds a run: remove its files.",
)
@click.option(
    "--allow-changes",
    is_flag=True,
    help="With --resume: go on from the last complete epoch with settings that make it another "
    "run.",
)
@click.option(
    "--replay", metavar="EVENTS", help="Repeat the changes by hand in a run's events.jsonl."
)
@click.option("--quiet", is_flag=True, help="Show no progress, but warnings.")
@json_option
def fit(
    config: str | None,
    overrides: tuple[str, ...],
    run: str | None,
    resume: bool,
    overwrite: bool,
    allow_changes: bool,
    replay: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Train the network that CONFIG describes ("-": standard input).

    Progress goes to standard error, the summary to standard output, and everything else to
    the run directory: metrics.csv, summary.json, checkpoints/best.safetensors ...

    \b
    Example:
      cnntrain fit digits.yaml --set batch_size=64 --set seed=1 --run runs/digits-1
    """
    from cnntrain.training.signals import Signals

    exclude("resume", "overwrite")
    with Signals():  # from here on, while the rest is imported, too
        from cnntrain.training.progress import Progress

        progress = Progress()
        if sys.stderr is not None:
            from cnntrain.cli.progress import ProgressBar, ProgressLines, Warnings

            shown = ProgressBar if sys.stderr.isatty() else ProgressLines
            progress = Warnings() if quiet else shown()
        try:
            settings = _settings(config, overrides, run if resume else None)
            from cnntrain.config.templates import fill
            from cnntrain.training.fit import fit as train

            run = fill(run, settings) if run else str(Path("runs") / settings.name)
            summary = train(
                settings,
                run=run,
                resume=resume,
                overwrite=overwrite,
                progress=progress,
                details={"overrides": list(overrides)},
                replay=replay,
                allow_changes=allow_changes,
            )
        except BaseException as error:
            if as_json:
                outcome = progress.outcome
                emit_json(outcome.as_dict() if outcome else _refusal(run, error))
            raise
        if as_json:
            emit_json(summary.as_dict())
        else:
            emit(_text(summary))
        return summary.exit_code or 0


def _settings(config: str | None, overrides: tuple[str, ...], run: str | None) -> Config:
    """Those of the file `config`, or without one those of the run to go on with."""
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.training.resume.reopen import config_to_go_on_with

    changes = parse_overrides(overrides)
    if config is not None:
        return load_config(config, changes)
    if run is None:
        raise UsageError("CONFIG is missing (it may be left out with --resume --run DIR)")
    return config_to_go_on_with(Path(run), changes)


def _refusal(run: str | None, error: BaseException) -> dict[str, Any]:
    """What there is to say, in the words of a summary, where nothing was trained."""
    code = getattr(error, "exit_code", CnntrainError.exit_code)
    failed = isinstance(error, Exception)  # a signal is none
    return {
        "run": None if run is None else shown_path(run),
        "exit_code": code if failed else None,
        "status": "failed" if failed else "interrupted",
        "stop_reason": str(error),
    }


def _average(best: EpochPoint) -> str:
    """How the average of w did in that epoch, and which of the two is taken."""
    found = []
    if best.average_validation_error is not None:
        found.append(f"validation error {percent(best.average_validation_error)}")
    found.append(f"validation loss {loss_text(best.average_validation_loss)}")
    taken = "this" if best.weights == "average" else "w itself"
    return f"{', '.join(found)} (evaluate and predict take {taken})"


def _text(summary: Summary) -> str:
    from cnntrain.runs.standing import best_text

    best = summary.early_stopping_point
    lines = [f"run        {shown_path(summary.run)}", f"status     {summary.status}"]
    if best is not None:
        lines.append(f"best       {best_text(best)}")
        if best.weights is not None:
            lines.append(f"average    {_average(best)}")
    lines.append(f"epochs     {summary.epochs}, in {summary.seconds:.1f} s")
    return "\n".join(lines)
