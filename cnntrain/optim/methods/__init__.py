"""The optimizers, one a file."""

from cnntrain.optim.methods.adagrad import AdaGrad
from cnntrain.optim.methods.adam import Adam
from cnntrain.optim.methods.adamw import AdamW
from cnntrain.optim.methods.gradient_descent import GradientDescent
from cnntrain.optim.methods.hessian_free import HessianFree
from cnntrain.optim.methods.nesterov import Nesterov
from cnntrain.optim.methods.optimizer import Optimizer, State
from cnntrain.optim.methods.rmsprop import RMSprop
from cnntrain.optim.methods.sgd import SGD
from cnntrain.optim.methods.spsa import SPSA
from cnntrain.settings import Family

OPTIMIZERS: Family[Optimizer] = Family(
    SGD,
    Nesterov,
    Adam,
    AdamW,
    AdaGrad,
    RMSprop,
    GradientDescent,
    HessianFree,
    SPSA,
)

__all__ = ["OPTIMIZERS", "SGD", "Optimizer", "State"]
