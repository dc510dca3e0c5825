"""The digits that come with cnntrain: 1,797 images of 8 x 8, values 0 ... 16, 10 classes."""

from __future__ import annotations

import gzip
from typing import ClassVar, Literal

import numpy as np

from cnntrain.data.examples import Examples, RawData
from cnntrain.data.sources.source import TEST_ALSO, Share, Source
from cnntrain.resources import bundled
from cnntrain.settings import setting


class Digits(Source):
    """Handwritten digits that come with cnntrain: 1,797 images of 8 x 8, 10 classes.

    data/README.md tells their origin.
    """

    may_hold_validation: ClassVar[bool] = False
    may_hold_groups: ClassVar[bool] = False

    source: Literal["digits"] = "digits"
    test: Share = setting(
        "Test part: a fraction of all samples, or a number of samples.", 0.2, also=TEST_ALSO
    )

    def read(self) -> RawData:
        with gzip.open(bundled("data/digits.csv.gz"), "rt") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
        x, y = table[:, :64].reshape(-1, 8, 8, 1), table[:, 64].astype(np.int64)
        return RawData(Examples(np.ascontiguousarray(x), y), class_names=tuple("0123456789"))
