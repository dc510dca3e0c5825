"""The promise of an exact resume, tried out on a config of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnntrain.config import Config
from cnntrain.nn.sums import Sums
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.control.requests import Action, ask
from cnntrain.training.fit import fit
from cnntrain.training.progress import Plan, Progress

FILES = ("metrics.csv", "checkpoints/best.safetensors", "checkpoints/last.safetensors")


@dataclass(frozen=True)
class Verdict:
    """What came out: the epochs and steps of the straight run, the steps after which the other
    one was stopped, and whether each file is the same in both, byte for byte."""

    epochs: int
    steps: int
    stops: list[int]
    same: dict[str, bool]


def verify_resume(config: Config, folder: Path, progress: Progress) -> Verdict:
    """Train `config` in `folder` twice: without a pause, and with two stops from which the run is
    resumed, at the end of an epoch halfway and in the middle of the next one.

    `progress` is told of the straight run.  Raises what `fit` raises.
    """
    config = config.model_copy(update={"max_minutes": "none"})
    straight, stopped = folder / "straight", folder / "stopped"
    ended = fit(config, straight, progress=progress)
    per_epoch = ended["steps"] // ended["epochs"]
    halfway = ended["epochs"] // 2 * per_epoch
    planned = (halfway, halfway + max(per_epoch // 2, 1))
    stops = [step for step in planned if 0 < step < ended["steps"]]
    for step in stops:
        fit(config, stopped, resume=True, progress=Stopper(stopped, step))
    fit(config, stopped, resume=True)
    same = {name: (straight / name).read_bytes() == (stopped / name).read_bytes() for name in FILES}
    return Verdict(ended["epochs"], ended["steps"], stops, same)


class Stopper(Progress):
    """Asks a run to stop after a number of steps, as `cnntrain control RUN stop` does."""

    def __init__(self, run: Path, stop: int) -> None:
        self.run, self.stop = run, stop

    def begin(self, plan: Plan) -> None:
        self.steps_per_epoch = plan.steps_per_epoch

    def step(self, epoch: int, step: int, running: Sums, rate: float) -> None:
        if (epoch - 1) * self.steps_per_epoch + step == self.stop:
            ask(RunDirectory(self.run).control, Action("stop"))
