"""Warnings about a config that is legal but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, dotted
from cnntrain.optim.phases import Phase
from cnntrain.settings import Section

DoubtAt = tuple[KeyPath, str]  # the path of a value, and what is doubtful about it


def warnings(values: Mapping[str, Any], config: Config) -> Iterator[str]:
    """Warnings about `config`, made from the plain `values`: where, which key, and why."""
    for path, doubt in (*_beside(values, config), *_phases(config), *_rules(config)):
        yield located(config, path, doubt)


def located(config: Config, path: KeyPath, doubt: str) -> str:
    """A warning about the value at `path` in one line: FILE:LINE:COL: KEY DOUBT."""
    place = config.place(path)
    return f"{place}: {dotted(path)} {doubt}" if place else f"{dotted(path)} {doubt}"


def _beside(values: Mapping[str, Any], config: Config) -> Iterator[DoubtAt]:
    """Settings that phases win over."""
    if config.phases != "none":
        for key in ("optimizer", "learning_rate"):
            if values.get(key, "none") != "none":
                yield (key,), "has no effect, phases win over it"


def _lengths(config: Config) -> Iterator[tuple[KeyPath, Phase, int]]:
    """Each phase with the epochs that those before it leave at most, none for one never reached."""
    left = config.epochs
    for path, phase in config.phase_at.items():
        yield path, phase, left
        left = max(left - phase.shortest, 0)


def _phases(config: Config) -> Iterator[DoubtAt]:
    """What is doubtful in each phase."""
    lengths = list(_lengths(config))
    for number, (path, phase, left) in enumerate(lengths):
        if left == 0:
            yield path, f"is never reached: the phases before it take all {config.epochs} epochs"
            return
        # Whether a phase does not saturate in time is said of the next one, if there is one.
        saturates = phase.until != "plateau" or number + 1 == len(lengths)
        for inner, doubt in _doubts(phase, path, left, min(phase.epochs or left, left)):
            if saturates or inner[-1] not in ("patience", "until"):
                yield inner, doubt


def _rules(config: Config) -> Iterator[DoubtAt]:
    """What is doubtful in all other sections.  Counters start anew in each phase."""
    longest = max(min(phase.epochs or left, left) for _, phase, left in _lengths(config))
    for key in Config.model_fields:
        section = getattr(config, key)
        if isinstance(section, Section) and key not in Phase.model_fields:
            yield from _doubts(section, (key,), longest)
    stopping = config.early_stopping
    plateaus = [phase.plateau for phase in config.phase_at.values()]
    patience = max((plateau.patience for plateau in plateaus if plateau is not None), default=0)
    if stopping != "none" and stopping.patience <= min(patience, longest - 2):
        yield (
            ("early_stopping", "patience"),
            f"is {stopping.patience}, not larger than the patience {patience} of on_plateau: "
            "training may stop before the rate falls",
        )


def _doubts(
    section: Section, path: KeyPath, epochs: int, inner_epochs: int | None = None
) -> Iterator[DoubtAt]:
    """What `section`, which is at `path`, and the sections in it say of themselves."""
    for key, doubt in section.doubts(epochs):
        yield (*path, key), doubt
    for key in type(section).model_fields:
        if isinstance(inner := getattr(section, key), Section):
            yield from _doubts(inner, (*path, key), inner_epochs or epochs)
