"""Settings that differ from those a run was made with: which of them may change in a resume.

    free      affects no result, and is not recorded
    allowed   the training so far is what it would have been with the new setting
    refused   the result would be another run; `--allow-changes` makes it `forced`
    fixed     the files that the run has written rule it out, forced or not

A run with allowed or forced changes goes on; its bytes are no longer promised to be those of an
undisturbed one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from cnntrain.config import Config, differences, resolved
from cnntrain.config.resolved import ABSENT
from cnntrain.config.source.writer import flow
from cnntrain.training.epoch_metrics import extra_columns

FREE = {"name", "compute.workers", "data.cache", "max_minutes", "log"}
ALLOWED = {
    "early_stopping.patience",
    "early_stopping.min_delta",
    "convergence.patience",
    "convergence.step_norm",
    "convergence.loss_decrease",
    "target_error",
    "checkpoint.every_steps",
    "checkpoint.keep",
}
FIXED = {"compute.dtype", "evaluate_train", "record_steps", "record_layers", "average"}

# By the status of a run that has ended: the settings that ended it.  If one changes it goes on.
ENDED_BY = {
    "finished": {"epochs", "phases"},
    "early_stopped": {"early_stopping"},
    "converged": {"convergence"},
    "target_reached": {"target_error"},
}


@dataclass(frozen=True)
class Change:
    """A setting by its dotted key, with its old and its new value, and the verdict (see above)."""

    key: str
    old: Any
    new: Any
    verdict: str

    @property
    def was(self) -> str:
        """The old value as YAML on one line, "-" where there was none."""
        return "-" if self.old == ABSENT else flow(self.old)

    @property
    def now(self) -> str:
        """The new value, likewise."""
        return "-" if self.new == ABSENT else flow(self.new)


class Changes:
    """All changes of one resume.

    epochs   epochs that the run has completed
    allow    whether the user forces those that would be refused
    """

    def __init__(self, old: Config, new: Config, epochs: int, allow: bool) -> None:
        found = [
            Change(key, before, after, _verdict(key, (before, after), old, new, epochs))
            for key, before, after in differences(resolved(old), resolved(new))
        ]
        self.all = [
            replace(change, verdict="forced") if allow and change.verdict == "refused" else change
            for change in found
        ]

    def __bool__(self) -> bool:
        """Whether there are any that matter."""
        return bool(self.recorded)

    @property
    def recorded(self) -> Sequence[Change]:
        """Those that are not free."""
        return [change for change in self.all if change.verdict != "free"]

    @property
    def impossible(self) -> Sequence[Change]:
        """Those that keep the run from going on."""
        return [change for change in self.all if change.verdict in {"refused", "fixed"}]

    @property
    def forced(self) -> bool:
        """Whether one is forced; then the run goes on from the end of an epoch."""
        return any(change.verdict == "forced" for change in self.all)

    def reopen(self, status: str) -> bool:
        """Whether they let a run that ended with `status` go on."""
        if status == "diverged":
            return self.forced
        deciding = ENDED_BY.get(status, set())
        return any(change.key.split(".")[0] in deciding for change in self.recorded)

    def details(self) -> list[dict[str, Any]]:
        """As events.jsonl records them."""
        return [asdict(change) for change in self.recorded]


def _verdict(key: str, values: tuple[Any, Any], old: Config, new: Config, done: int) -> str:
    if key in FREE:
        return "free"
    if key in FIXED:
        return "fixed"
    if _has_columns(key, values) and extra_columns(old) != extra_columns(new):
        return "fixed"
    if key.split(".")[0] == "metrics":
        return "allowed"
    if key == "epochs":
        free = not _depends_on_epochs(old) and not _depends_on_epochs(new) and new.epochs > done
        return "allowed" if free else "refused"
    if key.startswith("evaluate."):
        same = old.evaluate.flips_in_training == new.evaluate.flips_in_training
        return "allowed" if same else "refused"
    # Where data lie; that they are the same is checked when they have been read.
    paths = {f"data.{path}" for config in (old, new) for path in config.data.path_keys()}
    paths.add("start_from.checkpoint")  # as for data
    return "allowed" if key in ALLOWED | paths else "refused"


def _has_columns(key: str, values: tuple[Any, Any]) -> bool:
    """Whether a setting, or what stands in it, brings columns of metrics.csv."""
    root, last = key.split(".")[0], key.split(".")[-1]
    section = any(isinstance(value, Mapping | list) for value in values)
    watches = root in {"early_stopping", "learning_rate", "phases"}
    return root == "metrics" or (watches and (section or last == "monitor"))


def _depends_on_epochs(config: Config) -> bool:
    """Whether `epochs` plays a part in a learning rate: in phases, in those without a number."""
    phases = config.phase_at.values()
    return any(phase.learning_rate.by_epochs for phase in phases if phase.epochs is None)
