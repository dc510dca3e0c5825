"""Optimizers and learning-rate schedules."""

from cnntrain.optim.optimizer import Optimizer, State
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.optim.sgd import SGD

OPTIMIZERS: dict[str, type[SGD]] = {"sgd": SGD}

__all__ = ["OPTIMIZERS", "SCHEDULES", "SGD", "Optimizer", "Schedule", "State"]
