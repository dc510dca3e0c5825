"""What a config may say, but may not mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.schema import Config


def remarks(values: Mapping[str, Any], config: Config) -> Iterator[str]:
    """Warnings about `config`, made from the plain `values`."""
    beside = [k for k in ("optimizer", "learning_rate") if values.get(k, "none") != "none"]
    if config.phases != "none" and beside:
        yield f"phases win over {' and '.join(beside)}"
    if config.early_stopping != "none" and _plateau_patience(config):
        patience, plateau = config.early_stopping.patience, _plateau_patience(config)
        if patience <= plateau:
            yield (
                f"early_stopping.patience {patience} is not larger than the patience {plateau} of "
                "on_plateau: training may stop before the rate falls"
            )


def _plateau_patience(config: Config) -> int:
    """The largest patience of any on_plateau, 0 where there is none."""
    rates = [config.learning_rate]
    if config.phases != "none":
        rates = [phase.learning_rate for phase in config.phases]
    plateaus = [rate.on_plateau for rate in rates if rate != "none"]
    return max((plateau.patience for plateau in plateaus if plateau != "none"), default=0)
