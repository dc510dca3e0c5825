"""The claims, each with its sentence, what was done, and the figures that show what came out.

The sentences are those of tests/README.md, which says what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnntrain.reports.chart import Chart
from cnntrain.reports.note import figures
from cnntrain.reports.note.trials import Trials

Figures = Sequence[Chart | None]


@dataclass(frozen=True)
class Claim:
    """A claim, by the letter of its folder.

    sentence   what is claimed
    tried      what was done
    figures    what shows it, made from the runs
    """

    letter: str
    sentence: str
    tried: str
    figures: Callable[[Trials], Figures]


CLAIMS = (
    Claim(
        "a",
        "A rate that is too large overshoots, one that is too small is slow.",
        "10 epochs of SGD with each of six rates.",
        lambda trials: (
            figures.over_rate(trials, "a-rates", "train_risk"),
            figures.by_epoch(trials, "a-epochs", "train_risk"),
        ),
    ),
    Claim(
        "b",
        "Online, mini-batches, batch, at equal numbers of gradients",
        "10 epochs with batches of 1, 8, 32, 128 and all samples, each with the best of five rates "
        "by training risk; and how far the gradient of B samples is from the full one.",
        lambda trials: (
            figures.by_epoch(trials.best_of("train_risk"), "b-epochs", "train_risk"),
            figures.variance(trials, "b-variance"),
        ),
    ),
    Claim(
        "c",
        "Reduce the step when the risk flattens out.",
        "Online learning at a constant rate of 0.1, and with the rate divided by 10 whenever the "
        "training loss has not fallen for 2 epochs.",
        lambda trials: (
            figures.by_epoch(trials, "c-risk", "train_risk"),
            figures.by_epoch(trials, "c-error", "validation_error"),
        ),
    ),
    Claim(
        "d",
        "Automatic step sizes early, then a fixed and small step.",
        "Adam, SGD with a small step, and Adam until the validation loss saturates and then SGD.",
        lambda trials: (
            figures.by_epoch(trials, "d-risk", "train_risk"),
            figures.by_epoch(trials, "d-loss", "validation_loss"),
        ),
    ),
    Claim(
        "e",
        "The validation error bottoms out while the training risk still falls.",
        "60 epochs, with 20 % and with 90 % of the training part kept for validation.",
        lambda trials: (
            figures.by_epoch(trials, "e-risk", "train_risk"),
            figures.by_epoch(trials, "e-error", "validation_error"),
        ),
    ),
    Claim(
        "f",
        "Line search, second order and no gradients: the cost of a step",
        "20 epochs each; all but mini-batches take one step an epoch, on all training samples.",
        lambda trials: (
            figures.by_epoch(trials, "f-epochs", "train_risk"),
            figures.by_time(trials, "f-seconds", "train_risk"),
        ),
    ),
    Claim(
        "g",
        "The initial point is chosen near the origin.",
        "Four ways to draw the initial weights of the layer before soft-max, at a rate of 0.1.",
        lambda trials: (
            figures.by_step(trials.matching(".*rate-0.1"), "g-steps"),
            figures.by_epoch(trials.matching(".*rate-0.1"), "g-epochs", "train_risk"),
        ),
    ),
    Claim(
        "h",
        "Batch normalisation, which the note does not have, leaves more room for the rate.",
        "Four convolutions with batch normalisation and without, at seven rates.",
        lambda trials: (
            figures.over_rate(trials, "h-rates", "train_risk"),
            figures.over_rate(trials, "h-errors", "validation_error"),
        ),
    ),
)
