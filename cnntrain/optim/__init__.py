"""Optimizers and learning-rate schedules."""

from collections.abc import Callable

from cnntrain.optim.adagrad import AdaGrad
from cnntrain.optim.adam import Adam, AdamW
from cnntrain.optim.nesterov import Nesterov
from cnntrain.optim.optimizer import Optimizer, State
from cnntrain.optim.rmsprop import RMSprop
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.optim.sgd import SGD

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
    "adagrad": AdaGrad,
    "rmsprop": RMSprop,
}

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "State",
]
