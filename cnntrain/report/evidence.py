"""What the report of one run is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnntrain.data.dataset import PARTS
from cnntrain.errors import CnntrainError
from cnntrain.models.evaluation import Evaluation, evaluation
from cnntrain.models.model import Model, load_model
from cnntrain.runs.metrics import Row
from cnntrain.runs.reader import Columns, Run
from cnntrain.runs.summary import Summary

SPLITS = (*reversed(PARTS[1:]), "train")  # those that can be shown


@dataclass(frozen=True, eq=False)
class Evidence:
    """A run, and its best network on one part of its data.

    evaluated   None where there is no checkpoint, or the data are not there
    absence     why it is None
    """

    run: Run
    evaluated: Evaluation | None
    absence: str = ""

    @classmethod
    def of(cls, path: str | Path, split: str | None = None) -> Evidence:
        """The evidence of the run at `path`.

        split   the part; None: the validation part, or where there is none the test part, or the
                training part

        Raises NotFoundError where there is no run, and with a `split` what evaluating raises.
        """
        run = Run(path)
        try:
            return cls(run, _evaluated(load_model(run.path), split))
        except CnntrainError as error:
            if split is not None:
                raise
            return cls(run, None, str(error))

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


def _evaluated(model: Model, split: str | None) -> Evaluation:
    if split is not None:
        return evaluation(model, split)
    for name in ("validation", "test"):
        try:
            return evaluation(model, name)
        except CnntrainError as error:
            if f"no {name} part" not in str(error):
                raise
    return evaluation(model, "train")
