"""The names of the checkpoints in a run directory."""

from __future__ import annotations

import re

BEST, LAST = "best.safetensors", "last.safetensors"

_NUMBERED = re.compile(r"(epoch|step)-(\d+)\.safetensors")


def epoch_name(epoch: int) -> str:
    """The checkpoint at the end of an epoch."""
    return f"epoch-{epoch:04d}.safetensors"


def step_name(step: int) -> str:
    """A checkpoint in the middle of an epoch, after `step` steps of the run."""
    return f"step-{step:08d}.safetensors"


def number(name: str) -> tuple[str, int] | None:
    """("epoch", 7) or ("step", 1234); None for another name."""
    match = _NUMBERED.fullmatch(name)
    return None if match is None else (match[1], int(match[2]))
