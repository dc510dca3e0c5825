"""The losses, one a file, and their totals over samples."""

from cnntrain.nn.losses.cross_entropy import CrossEntropy
from cnntrain.nn.losses.loss import Loss
from cnntrain.nn.losses.quadratic import Quadratic
from cnntrain.nn.losses.totals import BatchTotals
from cnntrain.settings import Family

LOSSES: Family[Loss] = Family(CrossEntropy, Quadratic)

__all__ = ["LOSSES", "BatchTotals", "CrossEntropy", "Loss", "Quadratic"]
