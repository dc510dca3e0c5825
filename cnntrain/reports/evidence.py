"""What the report of one run is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnntrain.errors import CnntrainError
from cnntrain.experiment import Experiment, set_up
from cnntrain.models.evaluation import Evaluation, evaluation_on
from cnntrain.models.load import load_model
from cnntrain.models.model import Model
from cnntrain.reports.focus import Focus
from cnntrain.runs.reader import Columns, Run
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import Summary


@dataclass(frozen=True, eq=False)
class Trained:
    """The best network of a run, measured on one part of the run's data."""

    model: Model
    experiment: Experiment
    evaluated: Evaluation


@dataclass(frozen=True, eq=False)
class Evidence:
    """A run, and its best network.

    network   None where there is no checkpoint, or the data are not there
    absence   why it is None
    focus     what is looked at closely
    """

    run: Run
    network: Trained | None
    absence: str = ""
    focus: Focus = Focus()

    @classmethod
    def of(
        cls,
        path: str | Path,
        split: str | None = None,
        classes: Sequence[str | int] | None = None,
        sample: int | None = None,
    ) -> Evidence:
        """The evidence of the run at `path`.

        split   the part of the data; None: the validation part, or where there is none the test
                part, or the training part
        classes, sample   see `Focus.on`

        Raises NotFoundError where there is no run, and with any of the others what evaluating
        raises, and UsageError where there is no such class or sample.
        """
        run, asked = Run(path), any(given is not None for given in (split, classes, sample))
        try:
            network = _network(run, split)
        except CnntrainError as error:
            if asked:
                raise
            return cls(run, None, str(error))
        focus = Focus.on(network.evaluated, classes, sample)
        return cls(run, network, focus=focus)

    @cached_property
    def summary(self) -> Summary:
        """How the run stands."""
        return self.run.summary

    @cached_property
    def rows(self) -> list[Row]:
        """Its epochs."""
        return self.run.rows

    @cached_property
    def metrics(self) -> Columns:
        """The same by column."""
        return self.run.metrics

    @cached_property
    def kept(self) -> list[Path]:
        """The checkpoints of the ends of epochs that are still there, in their order."""
        checkpoints = self.run.directory.checkpoints
        return [path for path in checkpoints.numbered() if path.name.startswith("epoch")]

    @property
    def evaluated(self) -> Evaluation | None:
        """What the network answers."""
        return None if self.network is None else self.network.evaluated


def _network(run: Run, split: str | None) -> Trained:
    model, experiment = load_model(run.path), set_up(run.config)
    parts = experiment.dataset.parts
    first = next(name for name in ("validation", "test", "train") if name in parts)
    return Trained(model, experiment, evaluation_on(experiment.dataset, model, split or first))
