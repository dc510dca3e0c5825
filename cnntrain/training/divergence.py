"""What to try when training has left the range of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def advice(rate: float, taken: int, of_phase: int, dtype: np.dtype[Any]) -> str:
    """The advice after so many steps `taken`, `of_phase` of them at learning rates near `rate`.

    The decades of the range of `dtype` over those are about how far each step was too long.
    """
    if taken == 0:
        return "no step has been taken: mend the data or the initial weights"
    if math.log10(np.finfo(dtype).max) / max(of_phase, 1) >= 3:
        return f"learning rate {rate:g} is far too large: cnntrain lr-sweep CONFIG finds one"
    return f"learning rate {rate:g}: try {rate / 10:g}"
