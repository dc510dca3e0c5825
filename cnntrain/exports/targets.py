"""The forms that there are, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cnntrain.errors import UsageError
from cnntrain.exports.c.target import C
from cnntrain.exports.onnx.target import Onnx
from cnntrain.exports.target import Target
from cnntrain.exports.torch.target import Torch
from cnntrain.text import argument

TARGETS: dict[str, type[Target]] = {form.word: form for form in (Onnx, Torch, C)}


def target(word: str, options: Mapping[str, Any]) -> Target:
    """The form called `word`, with its `options`.

    Raises UsageError where there is none, or an option is not one of its own.
    """
    if word not in TARGETS:
        raise UsageError(f"no form {word!r} (expected {', '.join(TARGETS)})")
    for name, value in options.items():
        takers = [other for other, form in TARGETS.items() if name in _options(form)]
        if word not in takers:
            whose = f"is an option of {', '.join(takers)}" if takers else "is no option"
            raise UsageError(f"{argument(name, value is True)} {whose}, found the form {word}")
    return TARGETS[word](**options)


def _options(form: type[Target]) -> set[str]:
    return {field.name for field in fields(form)}
