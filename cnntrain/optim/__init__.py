"""Optimizers and learning-rate schedules."""

from collections.abc import Callable

from cnntrain.optim.adagrad import AdaGrad
from cnntrain.optim.adam import Adam, AdamW
from cnntrain.optim.gradient_descent import GradientDescent
from cnntrain.optim.hessian_free import HessianFree
from cnntrain.optim.nesterov import Nesterov
from cnntrain.optim.optimizer import Optimizer, State
from cnntrain.optim.rmsprop import RMSprop
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.optim.sgd import SGD
from cnntrain.optim.spsa import SPSA

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
    "adagrad": AdaGrad,
    "rmsprop": RMSprop,
    "gradient_descent": GradientDescent,
    "hessian_free": HessianFree,
    "spsa": SPSA,
}

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "SPSA",
    "AdaGrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "HessianFree",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "State",
]
