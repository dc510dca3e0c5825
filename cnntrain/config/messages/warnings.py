"""Warnings about a config that is legal but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.schema import Config


def warnings(values: Mapping[str, Any], config: Config) -> Iterator[str]:
    """Warnings about `config`, made from the plain `values`."""
    beside = [k for k in ("optimizer", "learning_rate") if values.get(k, "none") != "none"]
    if config.phases != "none" and beside:
        yield f"phases win over {' and '.join(beside)}"
    plateaus = [phase.plateau for phase in config.phase_at.values()]
    patience = max((plateau.patience for plateau in plateaus if plateau is not None), default=0)
    if config.early_stopping != "none" and config.early_stopping.patience <= patience:
        yield (
            f"early_stopping.patience {config.early_stopping.patience} is not larger than the "
            f"patience {patience} of on_plateau: training may stop before the rate falls"
        )
