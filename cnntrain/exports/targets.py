"""The forms that there are, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnntrain.errors import UsageError
from cnntrain.exports.target import Target
from cnntrain.exports.torch.target import Torch

TARGETS: dict[str, type[Target]] = {Torch.word: Torch}


def target(word: str, options: Mapping[str, Any]) -> Target:
    """The form called `word`, with its `options`.  Raises UsageError where there is none."""
    if word not in TARGETS:
        raise UsageError(f"no form {word!r} (expected {', '.join(TARGETS)})")
    return TARGETS[word](**options)
