"""Ways to compute a convolution, which differ in speed and in the last bits of the result."""

from __future__ import annotations

from cnntrain.nn.engines.numpy.convolution import Algorithm
from cnntrain.nn.engines.numpy.im2col import Im2col
from cnntrain.nn.engines.numpy.winograd import Winograd

FEWEST_CHANNELS = 8  # below that Winograd's transforms cost more than they save


def choose(name: str, channels: int, kernel: tuple[int, int], stride: tuple[int, int]) -> Algorithm:
    """The algorithm for a layer: a function of its shape, never of the machine or a timing.

    name   auto, im2col or winograd; layers that Winograd's algorithm cannot do take im2col
    """
    possible = kernel == (3, 3) and stride == (1, 1)
    wanted = name == "winograd" or (name == "auto" and channels >= FEWEST_CHANNELS)
    return Winograd() if possible and wanted else Im2col()


__all__ = ["Algorithm", "Im2col", "Winograd", "choose"]
