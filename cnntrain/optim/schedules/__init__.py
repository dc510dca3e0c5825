"""Learning-rate schedules, one a file."""

from cnntrain.optim.schedules.constant import Constant
from cnntrain.optim.schedules.cosine import Cosine
from cnntrain.optim.schedules.cosine_restarts import CosineRestarts
from cnntrain.optim.schedules.exponential import Exponential
from cnntrain.optim.schedules.inverse import Inverse
from cnntrain.optim.schedules.multistep import Multistep
from cnntrain.optim.schedules.one_cycle import OneCycle
from cnntrain.optim.schedules.polynomial import Polynomial
from cnntrain.optim.schedules.schedule import Schedule
from cnntrain.optim.schedules.step import Step
from cnntrain.settings import Family

SCHEDULES: Family[Schedule] = Family(
    Constant,
    Step,
    Multistep,
    Exponential,
    Inverse,
    Polynomial,
    Cosine,
    CosineRestarts,
    OneCycle,
    number=(Constant, "initial"),
)

__all__ = ["SCHEDULES", "Constant", "Schedule"]
