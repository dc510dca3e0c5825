"""Points in the plane that are drawn at random, so that what a network learns can be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain.data.examples import Examples, RawData
from cnntrain.data.sources.source import TEST_ALSO, ShareOrNone, Source
from cnntrain.elementary import cos_sin_turns
from cnntrain.randomness import as_normal, as_uniform, words
from cnntrain.settings import setting
from cnntrain.settings.types import NotNegative, Seed

Array = NDArray[Any]
MOST = 1_000_000  # samples
WORDS = 4  # random ones of a sample: where it is on its shape, and its noise
START, TURNS = 0.2, 1.0  # radius at which an arm of the spiral begins, and how far it winds


class Toy2d(Source):
    """Points in the plane, drawn at random: vectors of 2 numbers, about from -1 to 1.

    circles: class k of m lies on the circle around 0 with radius (k + 1) / m; xor: class 0 has
    coordinates of the same sign, class 1 of opposite signs; spiral: class k of m is one of m arms
    that wind around 0, from radius 0.2 to 1 in one turn. `cnntrain report` draws what a network
    makes of the plane.
    """

    also = "makecircles makemoons moons toy toydata"
    may_hold_validation: ClassVar[bool] = False
    may_hold_groups: ClassVar[bool] = False

    source: Literal["toy2d"] = "toy2d"
    shape: Literal["circles", "xor", "spiral"] = setting(
        "What the classes look like: circles in one another, quadrants, or arms that wind around "
        "one another.",
        "circles",
        also="pattern figure",
    )
    samples: Annotated[int, Field(ge=2, le=MOST)] = setting(
        "Number of points, the classes in turn.", 600, also="count n nsamples numsamples points"
    )
    classes: Annotated[int, Field(ge=2, le=8)] = setting(
        "Number of circles, or of arms; xor has 2.", 2, also="arms circles rings"
    )
    noise: NotNegative = setting(
        "Standard deviation of what is added to each coordinate.", 0.05, also="sigma std"
    )
    seed: Seed = setting("Which points; does not depend on the seed of the run.", 0)
    test: ShareOrNone = setting(
        "Test part: a fraction of all samples, or a number of samples.", 0.2, also=TEST_ALSO
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """Each class has a point, and quadrants make two."""
        classes, samples = values.get("classes", 2), values.get("samples", 600)
        if values.get("shape") == "xor" and classes != 2:
            yield "classes", f"data.classes {classes} with data.shape xor, expected 2"
        elif isinstance(classes, int) and isinstance(samples, int) and 2 <= samples < classes <= 8:
            yield (
                "samples",
                f"data.samples {samples} with data.classes {classes}, expected {classes} or more",
            )

    def read(self) -> RawData:
        """Sample i is a function of shape, classes, noise, seed and i, whatever their number."""
        drawn = words(WORDS * self.samples, "toy2d", self.shape, self.seed)
        drawn = drawn.reshape(self.samples, WORDS)
        y = np.arange(self.samples) % self.classes
        x = self._places(y, as_uniform(drawn[:, 0]), as_uniform(drawn[:, 1]))
        x = np.ascontiguousarray(x + self.noise * as_normal(drawn[:, 2:]))
        return RawData(Examples(x, y), class_names=self._names)

    def _places(self, y: Array, u: Array, v: Array) -> Array:
        """The points (n, 2) of samples of the classes `y` without noise, by two uniform numbers."""
        if self.shape == "xor":
            side = 2 * u - 1
            return np.stack([side, np.where(y == 0, 1, -1) * np.copysign(v, side)], axis=1)
        if self.shape == "circles":
            radius, turns = (y + 1) / self.classes, u
        else:
            radius = START + (1 - START) * u
            turns = y / self.classes + TURNS * u
        return radius[:, None] * np.stack(cos_sin_turns(turns - np.floor(turns)), axis=1)

    @property
    def _names(self) -> tuple[str, ...]:
        if self.shape == "xor":
            return ("same signs", "opposite signs")
        word = "circle" if self.shape == "circles" else "arm"
        return tuple(f"{word} {k + 1}" for k in range(self.classes))
