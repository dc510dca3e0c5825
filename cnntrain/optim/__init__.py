"""Optimizers and learning-rate schedules."""

from collections.abc import Callable

from cnntrain.optim.methods.adagrad import AdaGrad
from cnntrain.optim.methods.adam import Adam, AdamW
from cnntrain.optim.methods.gradient_descent import GradientDescent
from cnntrain.optim.methods.hessian_free import HessianFree
from cnntrain.optim.methods.nesterov import Nesterov
from cnntrain.optim.methods.optimizer import Optimizer, State
from cnntrain.optim.methods.rmsprop import RMSprop
from cnntrain.optim.methods.sgd import SGD
from cnntrain.optim.methods.spsa import SPSA
from cnntrain.optim.schedules import SCHEDULES, Schedule

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
