"""`cnntrain fit --verify-resume`: the promise of an exact resume, tried out and reported."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cnntrain.cli.options import emit, emit_json, table
from cnntrain.errors import CheckpointError

if TYPE_CHECKING:
    from cnntrain.config import Config
    from cnntrain.training.progress import Progress
    from cnntrain.training.verify import Verdict


def verify(config: Config, progress: Progress, as_json: bool) -> None:
    """Print what comes out; CheckpointError where the promise does not hold."""
    from cnntrain.training.verify import verify_resume

    with tempfile.TemporaryDirectory() as folder:
        verdict = verify_resume(config, Path(folder), progress)
    if as_json:
        emit_json(asdict(verdict))
    else:
        emit(_text(verdict))
    if different := [name for name, same in verdict.same.items() if not same]:
        raise CheckpointError(
            f"a run that was stopped and resumed differs in {', '.join(different)} from one that "
            "was not"
        )


def _text(verdict: Verdict) -> str:
    rows = [
        ["epochs", f"{verdict.epochs:,}"],
        ["steps", f"{verdict.steps:,}"],
        ["stopped after step", ", ".join(f"{step:,}" for step in verdict.stops) or "-"],
        *([name, "same bytes" if same else "DIFFERENT"] for name, same in verdict.same.items()),
    ]
    return table(rows[0], rows[1:], left=2)
