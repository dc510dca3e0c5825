"""What layers.csv says of an epoch."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.inspect.dead import dead_shares
from cnntrain.runs.rows import LayerRow
from cnntrain.training.step import TrainingStep
from cnntrain.training.trainer import Trainer

PROBE = 256  # the first samples of the training part, by which dead ReLUs are told


def layer_rows(trainer: Trainer, last: TrainingStep) -> list[LayerRow]:
    """The rows of an epoch whose last step was `last`, in the order of the network: the layers with
    parameters that are trained, and the ReLUs.  None where layers are not recorded.

    Samples of the probe are taken as they are, without augmentation.
    """
    norms, network = last.layers, trainer.network
    if norms is None:
        return []
    part = trainer.dataset.train
    probe = trainer.dataset.samples(part, np.arange(min(PROBE, len(part))))
    dead = dead_shares(network, trainer.w, probe, trainer.buffers)
    return [
        LayerRow(
            epoch=last.epoch,
            layer=network.names[k],
            gradient_norm=None if norms.gradient is None else norms.gradient.get(k),
            weight_norm=norms.weight.get(k),
            update_ratio=norms.step[k] / norms.weight[k] if norms.weight.get(k) else None,
            dead=dead.get(k),
        )
        for k in sorted(network.layout.trained | dead.keys())
    ]
