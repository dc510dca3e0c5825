"""`cnntrain fit`: train a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from cnntrain.cli.options import emit, emit_json, json_option, percent, set_option
from cnntrain.cli.verify import verify
from cnntrain.errors import NotFoundError, UsageError
from cnntrain.text import printable


@click.command(short_help="Train a network.")
@click.argument("config", required=False, metavar="[CONFIG|-]")
@set_option
@click.option(
    "--run",
    metavar="DIR",
    help="The run directory, such as 'runs/{name}-{seed}'; runs/NAME by default.",
)
@click.option("--resume", is_flag=True, help="Take up the run in the directory, if there is one.")
@click.option(
    "--allow-changes",
    is_flag=True,
    help="With --resume: go on from the last complete epoch with settings that make it another "
    "run.",
)
@click.option(
    "--replay", metavar="EVENTS", help="Repeat the steering by hand in a run's events.jsonl."
)
@click.option(
    "--verify-resume",
    is_flag=True,
    help="Train twice, once with stops that are resumed, compare the bytes, and keep nothing.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def fit(
    config: str | None,
    overrides: tuple[str, ...],
    run: str | None,
    resume: bool,
    allow_changes: bool,
    replay: str | None,
    verify_resume: bool,
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
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.config.placeholders import fill
    from cnntrain.training.fit import fit as train
    from cnntrain.training.progress import Progress

    if config is None:
        config = _config_of(run if resume else None)
    settings = load_config(config, parse_overrides(overrides))
    progress = Progress()
    if not quiet and sys.stderr is not None:
        from cnntrain.cli.progress import Bar, Lines

        progress = Bar() if sys.stderr.isatty() else Lines()
    if verify_resume:
        if run or resume or replay:
            raise UsageError("--verify-resume goes without --run, --resume and --replay")
        verify(settings, progress, as_json)
        return 0
    directory = Path(fill(run, settings)) if run else Path("runs") / settings.name
    try:
        summary = train(
            settings,
            directory,
            resume,
            progress,
            {"overrides": list(overrides)},
            replay,
            allow_changes,
        )
    except BaseException:
        if as_json:
            _emit_what_is_there(directory)
        raise
    if as_json:
        emit_json(summary)
    else:
        emit(_text(summary))
    return int(summary["exit_code"])


def _config_of(run: str | None) -> str:
    """The config of the run in directory `run`, to go on with."""
    if run is None:
        raise UsageError("CONFIG is missing (it may be left out with --resume --run DIR)")
    path = Path(run) / "config.yaml"
    if not path.exists():
        raise NotFoundError(f"no run in {printable(run, 400)}")
    return str(path)


def _emit_what_is_there(directory: Path) -> None:
    """Print the summary that a run which ended badly has left, if it has."""
    try:
        emit_json(json.loads((directory / "summary.json").read_text()))
    except (OSError, ValueError):
        return


def _text(summary: dict[str, Any]) -> str:
    best = summary["early_stopping_point"]
    lines = [f"run        {summary['run']}", f"status     {summary['status']}"]
    if best is not None:
        found = [f"epoch {best['epoch']}"]
        if best["validation_error"] is not None:
            found.append(f"validation error {percent(best['validation_error'])}")
        if best["validation_loss"] is not None:
            found.append(f"validation loss {best['validation_loss']:.4f}")
        lines.append(f"best       {', '.join(found)}")
    lines.append(f"epochs     {summary['epochs']}, in {summary['seconds']:.1f} s")
    return "\n".join(lines)
